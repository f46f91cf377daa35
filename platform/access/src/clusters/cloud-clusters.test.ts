import { createCluster, type Transport } from '@sluice/cluster'
import { errorChain, type HttpRequest } from '@sluice/ports'
import { fakeClock, fakeHttp } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { providerClusters } from './provider-clusters.ts'

const { signal } = new AbortController()
const now = Date.parse('2026-01-01T00:00:00Z')
const later = new Date(now + 3_600_000).toISOString()
const encoded = (text: string) => Buffer.from(text).toString('base64')
const annotations = {
  'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/deployer',
  'azure.workload.identity/client-id': 'client',
  'azure.workload.identity/tenant-id': 'tenant',
  'gcp.auth.fluxcd.io/workload-identity-provider':
    'projects/1/locations/global/workloadIdentityPools/pool/providers/cluster',
}
const kubeconfig = (server: string, ca: string) =>
  encoded(`clusters:\n- cluster: {server: "${server}", certificate-authority-data: ${encoded(ca)}}\n`)
const aks =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c'

/** What clouds answer, by the beginning of what is asked for. */
const answers: Readonly<Record<string, string | object>> = {
  'https://sts.eu-west-1.amazonaws.com/':
    '<Credentials><AccessKeyId>AKIA</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey>' +
    `<SessionToken>session</SessionToken><Expiration>${later}</Expiration></Credentials>`,
  'https://eks.eu-west-1.amazonaws.com/clusters/prod': {
    cluster: { endpoint: 'https://EKS.example', certificateAuthority: { data: encoded('eks ca') } },
  },
  'https://login.microsoftonline.com/tenant/oauth2/v2.0/token': {
    access_token: 'azure-token',
    expires_in: 3600,
  },
  [`https://management.azure.com${aks}/listClusterUserCredential`]: {
    kubeconfigs: [
      { value: kubeconfig('https://one.example:443', 'one') },
      { value: kubeconfig('https://two.example:443', 'two') },
    ],
  },
  [`https://management.azure.com${aks}?`]: { properties: { aadProfile: { managed: true } } },
  'https://sts.googleapis.com/v1/token': { access_token: 'google-token', expires_in: 3600 },
  'https://container.googleapis.com/v1/projects/p/locations/l/clusters/c': {
    endpoint: '203.0.113.7',
    masterAuth: { clusterCaCertificate: encoded('gke ca') },
  },
}

const noFile = () => Promise.reject(new Error('no file is read'))

function setUp(objectLevelWorkloadIdentity = true) {
  const asked: HttpRequest[] = []
  const clock = fakeClock(now)
  const http = fakeHttp((request) => {
    asked.push(request)
    const [, answer] = Object.entries(answers).find(([start]) => request.url.startsWith(start)) ?? []
    if (answer === undefined) return undefined
    return { status: 200, body: typeof answer === 'string' ? answer : JSON.stringify(answer) }
  })
  const transport: Transport = {
    request: async ({ method }) => ({
      status: 200,
      body:
        method === 'POST'
          ? { status: { token: 'account-token', expirationTimestamp: later } }
          : { metadata: { name: 'deployer', uid: 'u', annotations } },
      warnings: [],
    }),
    watch: async function* () {},
  }
  const connect = providerClusters({
    cluster: createCluster(transport),
    clock,
    http,
    surroundings: { env: {}, readFile: noFile },
    objectLevelWorkloadIdentity,
  })
  return { asked, clock, reach: (data: Record<string, string>) => connect(data, 'apps', { signal }) }
}

const account = { serviceAccountName: 'deployer' }
const eks = { ...account, provider: 'aws', cluster: 'arn:aws:eks:eu-west-1:1:cluster/prod' }
const gke = { ...account, provider: 'gcp', cluster: 'projects/p/locations/l/clusters/c' }

test.for([
  ['EKS', eks, { server: 'https://eks.example:443', ca: 'eks ca' }, /^Bearer k8s-aws-v1\./],
  [
    'AKS, its first address',
    { ...account, provider: 'azure', cluster: aks },
    { server: 'https://one.example:443', ca: 'one' },
    /^Bearer azure-token$/,
  ],
  [
    'AKS, the address that is meant',
    { ...account, provider: 'azure', cluster: aks, address: 'Two.example' },
    { server: 'https://two.example:443', ca: 'two' },
    /^Bearer azure-token$/,
  ],
  ['GKE', gke, { server: 'https://203.0.113.7:443', ca: 'gke ca' }, /^Bearer google-token$/],
  [
    'GKE, as the ConfigMap has it',
    { ...gke, address: 'https://own.example', 'ca.crt': 'own' },
    { server: 'https://own.example:443', ca: 'own' },
    /^Bearer google-token$/,
  ],
] as const)('reaches %s', async ([, data, want, authorization]) => {
  const { reach } = setUp()
  const { connection } = await reach({ ...data })
  expect(connection).toMatchObject(want)
  expect((await connection.credentials.get({ signal })).authorization).toMatch(authorization)
})

test('signs a token that names the cluster, describes it once and renews the token', async () => {
  const { reach, asked, clock } = setUp()
  const { connection } = await reach(eks)
  const tokenOf = async () => {
    const { authorization = '' } = await connection.credentials.get({ signal })
    return Buffer.from(authorization.replace('Bearer k8s-aws-v1.', ''), 'base64url').toString()
  }
  const first = await tokenOf()
  expect(Object.fromEntries(new URL(first).searchParams)).toMatchObject({
    Action: 'GetCallerIdentity',
    'X-Amz-Credential': 'AKIA/20260101/eu-west-1/sts/aws4_request',
    'X-Amz-Date': '20260101T000000Z',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'session',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  await clock.advance(13 * 60_000)
  expect(await tokenOf()).toContain('X-Amz-Date=20260101T001300Z')
  await reach(eks)
  expect(asked.filter(({ url }) => url.includes('/clusters/'))).toHaveLength(1)
})

test.for([
  [
    'a name that is none',
    { ...eks, cluster: 'prod' },
    true,
    /^failed to get access token for cluster: invalid EKS cluster ARN: 'prod'\. must match /,
  ],
  [
    'an address that Azure does not know',
    { ...account, provider: 'azure', cluster: aks, address: 'three.example' },
    true,
    /^no kubeconfig found for AKS cluster .* matching the specified address 'three\.example'\. cluster addresses: \['https:\/\/one\.example:443', 'https:\/\/two\.example:443'\]$/,
  ],
  [
    'a gate that is closed',
    gke,
    false,
    /^failed to get access token for cluster: ObjectLevelWorkloadIdentity feature gate is not enabled$/,
  ],
] as const)('says what is wrong with %s', async ([, data, gate, want]) => {
  expect(
    await setUp(gate)
      .reach({ ...data })
      .then(String, errorChain),
  ).toMatch(want)
})
