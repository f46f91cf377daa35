import { createHash, createHmac } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createCloudAccess } from '@sluice/access'
import { createGitClient } from '@sluice/git'
import type { Http } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { gitRepositoryController } from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestGit, type TestGit } from '../../../platform/git/test/real-git.ts'
import { type SourceHarness, startSources } from './source-harness.ts'

const kind = 'GitRepository'
const host = 'git-codecommit.eu-west-1.amazonaws.com'
const devOps = 'https://dev.azure.test/org/app'
const codeCommit = `https://${host}/v1/repos/app`
const secretKey = 's3cret'
let git: TestGit
let it: SourceHarness | undefined

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Checks a password of CodeCommit as AWS documents it, from its parts on. */
function isSigned(username: string, password: string, path: string): boolean {
  const [moment = '', signature] = password.split('Z')
  const day = moment.slice(0, 8)
  const canonical = `GIT\n${path}\n\nhost:${host}\n\nhost\n`
  const toSign = `AWS4-HMAC-SHA256\n${moment}\n${day}/eu-west-1/codecommit/aws4_request\n${sha256(canonical)}`
  const key = [day, 'eu-west-1', 'codecommit', 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${secretKey}`),
  )
  return username === 'AKIA%session' && hmac(key, toSign).toString('hex') === signature
}

/** Takes what the clouds' servers take: a token, or a name and a signature. */
const guarded =
  (inner: RequestListener): RequestListener =>
  (request, response) => {
    const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ')
    const [username = '', password = ''] = Buffer.from(value, 'base64').toString().split(':')
    const isKnown =
      request.url?.startsWith('/pub/azure') === true
        ? scheme === 'Bearer' && value === 'devops-token'
        : isSigned(username, password, '/v1/repos/app')
    if (isKnown) inner(request, response)
    else response.writeHead(401).end()
  }

beforeAll(async () => {
  git = await startTestGit(guarded)
  git.create('pub/azure').commit('azure', { a: '1' })
  git.create('pub/aws').commit('aws', { a: '1' })
})
afterAll(() => git.close())
afterEach(() => it?.close())

type Setting = {
  readonly env: Readonly<Record<string, string>>
  readonly gate?: boolean
  /** What Azure's login answers with. */
  readonly azure?: object
}

async function start({ env, gate = false, azure = {} }: Setting): Promise<SourceHarness> {
  it = await startSources(({ cluster, store, http }) => {
    const routed: Http = {
      request: (request, options) => {
        if (request.url.startsWith('https://login.microsoftonline.com/')) {
          const body = new TextEncoder().encode(JSON.stringify(azure))
          return Promise.resolve({ status: 200, headers: new Map(), body: chunks(body) })
        }
        const url = request.url
          .replace(devOps, `${git.url}/pub/azure`)
          .replace(codeCommit, `${git.url}/pub/aws`)
        return http.request({ ...request, url }, options)
      },
    }
    const cloud = createCloudAccess({
      cluster,
      http: routed,
      clock: fakeClock(Date.UTC(2026, 0, 1)),
      surroundings: { env, readFile: () => Promise.reject(new Error('ENOENT')) },
      objectLevelWorkloadIdentity: gate,
    })
    return [
      gitRepositoryController({ cluster, store, git: createGitClient({ http: routed }), cloud }) as never,
    ]
  })
  return it
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const azureEnv = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' }
const awsEnv = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: secretKey, AWS_SESSION_TOKEN: 'session' }
const token = { access_token: 'devops-token', expires_in: 3600 }

test.for([
  ['azure', devOps, { env: azureEnv, azure: token }],
  ['aws', codeCommit, { env: awsEnv }],
] as const)('%s gives what %s takes', async ([provider, url, setting]) => {
  const sources = await start(setting)
  sources.apply({ kind, name: 'app', spec: { interval: '1m', url, provider, ref: { branch: 'main' } } })
  await sources.settled(kind, 'app')
  expect(sources.ready(kind, 'app')).toMatchObject({ status: 'True' })
})

test.for([
  [
    'azure',
    devOps,
    { env: azureEnv, azure: { ...token, access_token: 'other' } },
    {},
    'GitOperationFailed',
    /authentication required/,
  ],
  [
    'azure',
    devOps,
    { env: azureEnv, azure: { error: 'invalid_client' } },
    {},
    'AuthenticationFailed',
    /^failed to configure authentication options: failed to get access token for Git repository: /,
  ],
  [
    'aws',
    codeCommit,
    { env: { ...awsEnv, AWS_SECRET_ACCESS_KEY: 'other' } },
    {},
    'GitOperationFailed',
    /authentication required/,
  ],
  [
    'aws',
    'https://example.com/app',
    { env: awsEnv },
    {},
    'AuthenticationFailed',
    /^failed to configure authentication options: invalid AWS CodeCommit Git URL: example\.com$/,
  ],
  [
    'aws',
    `http://${host}/v1/repos/app`,
    { env: awsEnv },
    {},
    'AuthenticationFailed',
    /: AWS CodeCommit authentication requires an HTTPS Git URL$/,
  ],
  [
    'azure',
    devOps,
    { env: azureEnv },
    { serviceAccountName: 'puller' },
    'FeatureGateDisabled',
    /^to use spec\.serviceAccountName for provider authentication please enable/,
  ],
  [
    'azure',
    devOps,
    { env: azureEnv, gate: true },
    { serviceAccountName: 'puller' },
    'AuthenticationFailed',
    /^failed to configure authentication options: .*apps\/puller/,
  ],
] as const)('%s of %s is refused with %j %j', async ([provider, url, setting, more, reason, message]) => {
  const sources = await start(setting)
  const spec = { interval: '1m', url, provider, ref: { branch: 'main' }, ...more }
  sources.apply({ kind, name: 'app', spec })
  await sources.until(() => sources.ready(kind, 'app')?.status === 'False', 500)
  expect(sources.ready(kind, 'app')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringMatching(message),
  })
})
