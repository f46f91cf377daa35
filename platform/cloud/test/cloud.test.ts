import { generateKeyPairSync } from 'node:crypto'
import { createCertificate, nodeCrypto } from '@sluice/host'
import { errorChain, type HttpRequest } from '@sluice/ports'
import { type FakeResponse, fakeClock, fakeHttp } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import {
  azureClientToken,
  type CloudIdentity,
  type CloudLogins,
  controllerIdentity,
  createCloudLogins,
  parseServiceAccount,
  serviceAccountToken,
  signAws,
} from '../src/index.ts'

const { signal } = new AbortController()
const now = Date.UTC(2026, 0, 1)
const later = new Date(now + 3_600_000).toISOString()
const clock = fakeClock(now)

type Answers = Readonly<Record<string, string | object | ((request: HttpRequest) => FakeResponse)>>
type Cloud = { readonly logins: CloudLogins; readonly asked: readonly string[] }

const readFile = (path: string): Promise<Uint8Array> =>
  path === '/token' ? Promise.resolve(Buffer.from('file-token\n')) : Promise.reject(new Error('ENOENT'))
const bodyOf = ({ body }: HttpRequest): string => (typeof body === 'string' ? body : '')

/** A cloud that answers by the beginning of what is asked for; what it is not asked for does not exist. */
function cloud(answers: Answers, env: Readonly<Record<string, string>> = {}): Cloud {
  const asked: string[] = []
  const http = fakeHttp((request) => {
    asked.push(`${request.method} ${request.url} ${bodyOf(request)}`.trim())
    const [, answer] = Object.entries(answers).find(([start]) => request.url.startsWith(start)) ?? []
    if (answer === undefined) return undefined
    if (typeof answer === 'function') return answer(request)
    return { status: 200, body: typeof answer === 'string' ? answer : JSON.stringify(answer) }
  })
  return { logins: createCloudLogins({ http, clock, surroundings: { env, readFile } }), asked }
}

const account = (annotations: Readonly<Record<string, string>>): CloudIdentity => ({
  kind: 'serviceAccount',
  namespace: 'apps',
  name: 'puller',
  uid: 'u',
  annotations,
  token: (audience) => Promise.resolve(`sa-token-for-${audience}`),
})

const sts = (key = 'AKIA'): string =>
  `<Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey>` +
  `<SessionToken>session</SessionToken><Expiration>${later}</Expiration></Credentials>`
const machineCredentials = {
  AccessKeyId: 'AKIA',
  SecretAccessKey: 's3cret',
  Token: 'session',
  Expiration: later,
}
const ecrToken = { authorizationToken: btoa('AWS:pw'), expiresAt: (now + 3_600_000) / 1000 }
const ecrHost = '1234.dkr.ecr.eu-west-1.amazonaws.com'

describe('Amazon', () => {
  const ecr = { 'https://api.ecr.eu-west-1.amazonaws.com/': { authorizationData: [ecrToken] } }

  test.for([
    ['environment', {}, { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' }, controllerIdentity],
    [
      'web identity',
      { 'https://sts.eu-west-1.amazonaws.com/': sts() },
      { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:r' },
      controllerIdentity,
    ],
    [
      'pod identity',
      { 'http://169.254.170.23/v1/credentials': machineCredentials },
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token',
      },
      controllerIdentity,
    ],
    [
      'machine',
      {
        'http://169.254.169.254/latest/api/token': 'imds',
        'http://169.254.169.254/latest/meta-data/iam/security-credentials/node': machineCredentials,
        'http://169.254.169.254/latest/meta-data/iam/security-credentials/': 'node\n',
      },
      {},
      controllerIdentity,
    ],
    [
      'ServiceAccount',
      { 'https://sts.eu-west-1.amazonaws.com/': sts() },
      {},
      account({ 'eks.amazonaws.com/role-arn': 'arn:sa' }),
    ],
  ] as const)('a registry is reached with what the %s has', async ([, answers, env, identity]) => {
    const { logins, asked } = cloud({ ...answers, ...ecr }, env)
    expect(await logins.registry('aws', ecrHost, identity, { signal })).toMatchObject({
      username: 'AWS',
      password: 'pw',
    })
    const before = asked.length
    await logins.registry('aws', ecrHost, identity, { signal })
    expect(asked).toHaveLength(before)
    expect(asked).toMatchSnapshot()
  })

  test('the public registry has its own service', async () => {
    const { logins, asked } = cloud(
      { 'https://api.ecr-public.us-east-1.amazonaws.com/': { authorizationData: ecrToken } },
      { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' },
    )
    await logins.registry('aws', 'public.ecr.aws', controllerIdentity, { signal })
    expect(asked).toHaveLength(1)
  })

  // The example of Amazon's documentation: "GET Bucket (List Objects)".
  test('requests are signed as it documents', () => {
    const url = new URL('https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J')
    const request = {
      method: 'GET',
      url,
      region: 'us-east-1',
      service: 's3',
      now: Date.UTC(2013, 4, 24),
    } as const
    const credentials = {
      accessKey: 'AKIAIOSFODNN7EXAMPLE',
      secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    }
    expect(signAws(request, credentials)['authorization']).toContain(
      'Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    )
  })

  test('a request with a body is signed with it', () => {
    const url = new URL('https://iam.amazonaws.com/')
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const request = { method: 'POST', url, region: 'us-east-1', service: 'iam', headers, now } as const
    const sign = (body: string): string =>
      signAws({ ...request, body }, { accessKey: 'A', secretKey: 'S' })['authorization'] ?? ''
    expect(sign('a')).toContain('SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date')
    expect(sign('a')).not.toBe(sign('b'))
  })

  test('a bucket gets credentials from the service that is named', async () => {
    const { logins, asked } = cloud({ 'https://sts.test/': sts('KEY') })
    const identity = account({ 'eks.amazonaws.com/role-arn': 'arn:sa' })
    const options = { region: 'eu-west-1', stsEndpoint: 'https://sts.test/' }
    expect(await logins.aws(identity, options, { signal })).toMatchObject({ accessKey: 'KEY' })
    expect(asked[0]).toContain('WebIdentityToken=sa-token-for-sts.amazonaws.com')
  })

  test.for([
    [
      'no role',
      {},
      {},
      account({}),
      'AWS role ARN is not set in the service account annotation eks.amazonaws.com/role-arn',
    ],
    [
      'refused',
      { 'https://sts.': () => ({ status: 403, body: '<Message>not you</Message>' }) },
      {},
      account({ 'eks.amazonaws.com/role-arn': 'r' }),
      'STS: not you',
    ],
    [
      'far away container',
      {},
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/' },
      controllerIdentity,
      'the address of the container credentials is not allowed',
    ],
    [
      'nothing at all',
      {},
      { AWS_EC2_METADATA_DISABLED: 'true' },
      controllerIdentity,
      'no AWS credentials in the environment, the pod or the machine',
    ],
    [
      'refused registry',
      { 'https://api.ecr': () => ({ status: 400, body: '{"__type":"AccessDeniedException"}' }) },
      { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' },
      controllerIdentity,
      'ECR: AccessDeniedException',
    ],
  ] as const)('%s is said', async ([, answers, env, identity, want]) => {
    const { logins } = cloud(answers, env)
    const work = logins.registry('aws', ecrHost, identity, { signal })
    expect(await work.then(String, errorChain)).toBe(want)
  })
})

const entra = { access_token: 'aad', expires_in: 3600 }

describe('Azure', () => {
  const exchange = { 'https://team.azurecr.io/oauth2/exchange': { refresh_token: 'refresh' } }

  test.for([
    ['secret', { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' }, controllerIdentity],
    [
      'workload identity',
      {
        AZURE_TENANT_ID: 't',
        AZURE_CLIENT_ID: 'c',
        AZURE_FEDERATED_TOKEN_FILE: '/token',
        AZURE_AUTHORITY_HOST: 'https://login.test',
      },
      controllerIdentity,
    ],
    ['managed identity', { AZURE_CLIENT_ID: 'c' }, controllerIdentity],
    [
      'ServiceAccount',
      {},
      account({ 'azure.workload.identity/client-id': 'c', 'azure.workload.identity/tenant-id': 't' }),
    ],
  ] as const)('a registry is reached with the %s', async ([, env, identity]) => {
    const { logins, asked } = cloud(
      {
        ...exchange,
        'https://login.microsoftonline.com/t/oauth2/v2.0/token': entra,
        'https://login.test/t/oauth2/v2.0/token': entra,
        'http://169.254.169.254/metadata/identity/oauth2/token': {
          access_token: 'aad',
          expires_on: String((now + 3_600_000) / 1000),
        },
      },
      env,
    )
    expect(await logins.registry('azure', 'team.azurecr.io', identity, { signal })).toMatchObject({
      username: '00000000-0000-0000-0000-000000000000',
      password: 'refresh',
    })
    expect(asked).toMatchSnapshot()
  })

  test('an application proves itself with its certificate', async () => {
    const { certificate, privateKey } = certificateOf()
    const http = fakeHttp(() => ({ status: 200, body: JSON.stringify(entra) }))
    const call = { http, signal, now: () => now, surroundings: { env: {}, readFile: () => Promise.reject() } }
    const pem = `${certificate}${privateKey}`
    const proof = { kind: 'certificate', pem, sendChain: true } as const
    await azureClientToken({ tenantId: 't', clientId: 'c', proof }, 'scope', call)
    const form = new URLSearchParams(http.requests.map(bodyOf).join(''))
    const [header = ''] = (form.get('client_assertion') ?? '').split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
      alg: 'RS256',
      x5t: expect.any(String),
      x5c: [expect.any(String)],
    })
    const broken = { ...proof, pem: certificate }
    const work = azureClientToken({ tenantId: 't', clientId: 'c', proof: broken }, 'scope', call)
    expect(await work.then(String, errorChain)).toBe('the client certificate cannot be used')
  })

  test.for([
    [
      'no tenant',
      {},
      account({}),
      'azure tenant ID is not set in the service account annotation azure.workload.identity/tenant-id',
    ],
    [
      'refused',
      {
        'https://login': () => ({
          status: 401,
          body: '{"error":"invalid_client","error_description":"AADSTS7000215: wrong\\r\\nTrace"}',
        }),
      },
      account({ 'azure.workload.identity/client-id': 'c', 'azure.workload.identity/tenant-id': 't' }),
      'Entra ID: AADSTS7000215: wrong',
    ],
    ['no machine', {}, controllerIdentity, 'connection refused'],
  ] as const)('%s is said', async ([, answers, identity, want]) => {
    const work = cloud(answers).logins.registry('azure', 'team.azurecr.io', identity, { signal })
    expect(await work.then(String, errorChain)).toContain(want)
  })
})

describe('Google', () => {
  const metadata = 'http://metadata.google.internal/computeMetadata/v1'
  const token = { access_token: 'gcp', expires_in: 3600 }
  const gke = {
    [`${metadata}/project/project-id`]: 'p',
    [`${metadata}/instance/attributes/cluster-location`]: 'europe-west1',
    [`${metadata}/instance/attributes/cluster-name`]: 'c',
  }

  test.for([
    [
      'machine',
      { [`${metadata}/instance/service-accounts/default/token`]: token },
      controllerIdentity,
      'gcp',
    ],
    ['cluster', { ...gke, 'https://sts.googleapis.com/v1/token': token }, account({}), 'gcp'],
    [
      'provider, and acts as an account',
      {
        'https://sts.googleapis.com/v1/token': token,
        'https://iamcredentials.googleapis.com/': { accessToken: 'impersonated', expireTime: later },
      },
      account({
        'gcp.auth.fluxcd.io/workload-identity-provider':
          'projects/1/locations/global/workloadIdentityPools/pool/providers/cluster',
        'iam.gke.io/gcp-service-account': 'puller@p.iam.gserviceaccount.com',
      }),
      'impersonated',
    ],
  ] as const)('a registry is reached through the %s', async ([, answers, identity, password]) => {
    const { logins, asked } = cloud(answers)
    const host = 'europe-docker.pkg.dev'
    expect(await logins.registry('gcp', host, identity, { signal })).toMatchObject({
      username: 'oauth2accesstoken',
      password,
    })
    expect(asked).toMatchSnapshot()
  })

  test('a key file signs for its account', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const key = parseServiceAccount(
      JSON.stringify({ client_email: 'a@b', private_key: privateKey, token_uri: 'https://token.test/' }),
    )
    const http = fakeHttp(() => ({ status: 200, body: JSON.stringify(token) }))
    const call = { http, signal, now: () => now, surroundings: { env: {}, readFile: () => Promise.reject() } }
    expect(await serviceAccountToken(key, 'scope', call)).toEqual({
      token: 'gcp',
      expiresAt: now + 3_600_000,
    })
    expect(() => parseServiceAccount('{"private_key":"s3cret"')).toThrow(/^the service account is not valid$/)
  })

  test('an annotation that is no provider is refused', async () => {
    const identity = account({ 'gcp.auth.fluxcd.io/workload-identity-provider': 'x' })
    const work = cloud({}).logins.gcp(identity, { signal })
    expect(await work.then(String, errorChain)).toContain(
      "invalid gcp.auth.fluxcd.io/workload-identity-provider annotation: 'x'",
    )
  })
})

test.for(['aws', 'azure', 'gcp'] as const)('%s shows no token to a registry of others', async (provider) => {
  const { logins, asked } = cloud({})
  const work = logins.registry(provider, 'ghcr.io', controllerIdentity, { signal })
  expect(await work.then(String, errorChain)).toBe(`registry 'ghcr.io' is not one of provider '${provider}'`)
  expect(asked).toEqual([])
})

test('tokens are asked for anew before they end, and failures are not kept', async () => {
  let answer: FakeResponse = { status: 500 }
  const { logins, asked } = cloud({ 'http://metadata': () => answer })
  const work = logins.gcp(controllerIdentity, { signal })
  expect(await work.then(String, errorChain)).toBe('metadata server: unexpected status code 500')
  answer = { status: 200, body: '{"access_token":"a","expires_in":100}' }
  await logins.gcp(controllerIdentity, { signal })
  await clock.advance(79_000)
  await logins.gcp(controllerIdentity, { signal })
  expect(asked).toHaveLength(2)
  await clock.advance(2_000)
  await logins.gcp(controllerIdentity, { signal })
  expect(asked).toHaveLength(3)
})

function certificateOf(): { readonly certificate: string; readonly privateKey: string } {
  const { privateKey } = nodeCrypto.generateKey('rsa')
  const certificate = createCertificate({
    commonName: 'app',
    notBefore: now,
    notAfter: now + 86_400_000,
    isCa: false,
    usages: ['digitalSignature'],
    serialNumber: new Uint8Array([1]),
    privateKey,
  })
  return { certificate, privateKey }
}
