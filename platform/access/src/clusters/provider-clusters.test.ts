import { ApiError, type ApiRequest, createCluster, type Transport } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import type { ProviderOptions } from './described-cluster.ts'
import { providerClusters } from './provider-clusters.ts'

const { signal } = new AbortController()
const startedAt = Date.parse('2026-01-01T00:00:00Z')
const generic = {
  provider: 'generic',
  address: 'Other.example:6443',
  'ca.crt': 'the CA',
  serviceAccountName: 'deployer',
}
// {"sub":"system:serviceaccount:flux-system:kustomize-controller"}
const ownToken = `e30.${Buffer.from('{"sub":"system:serviceaccount:flux-system:kustomize-controller"}').toString('base64url')}.sig`

/** A cluster with one ConfigMap and one ServiceAccount that issues tokens for an hour. */
function setUp(data: Readonly<Record<string, string>>, options: Partial<ProviderOptions> = {}) {
  const clock = fakeClock(startedAt)
  const requests: ApiRequest[] = []
  const answers: Readonly<Record<string, (request: ApiRequest) => unknown>> = {
    '/api/v1/namespaces/apps/serviceaccounts/deployer': () => ({ metadata: { name: 'deployer', uid: 'u1' } }),
    '/api/v1/namespaces/apps/serviceaccounts/deployer/token': tokenAnswer,
    '/api/v1/namespaces/flux-system/serviceaccounts/kustomize-controller/token': tokenAnswer,
  }
  function tokenAnswer() {
    const issued = requests.filter(({ method }) => method === 'POST').length
    return {
      status: {
        token: `token-${issued}`,
        expirationTimestamp: new Date(clock.now() + 3_600_000).toISOString(),
      },
    }
  }
  const transport: Transport = {
    request: async (request) => {
      requests.push(request)
      const answer = answers[request.path]
      if (!answer) throw new ApiError({ code: 404, reason: 'NotFound', message: `${request.path} not found` })
      return { status: 200, body: answer(request), warnings: [] }
    },
    watch: async function* () {},
  }
  const cluster = createCluster(transport)
  const connect = providerClusters({ cluster, clock, objectLevelWorkloadIdentity: true, ...options })
  const posted = () => requests.filter(({ method }) => method === 'POST')
  return { reach: () => connect(data, 'apps', { signal }), clock, posted }
}

test('shows a cluster of the generic provider tokens that are for it', async () => {
  const { reach, clock, posted } = setUp(generic)
  const first = await reach()
  expect((await reach()).identity).toBe(first.identity)
  const { credentials, ...connection } = first.connection
  expect(connection).toEqual({ server: 'https://other.example:6443', ca: 'the CA', namespace: 'default' })
  expect(posted().map(({ body }) => (body as { spec?: unknown }).spec)).toEqual([
    { audiences: ['Other.example:6443'] },
  ])
  expect(await credentials.get({ signal })).toEqual({ authorization: 'Bearer token-1' })
  await clock.advance(50 * 60_000)
  expect(await credentials.get({ signal })).toEqual({ authorization: 'Bearer token-2' })
  credentials.refused()
  expect(await credentials.get({ signal })).toEqual({ authorization: 'Bearer token-3' })
})

test('asks for the audiences of the ConfigMap, and for a token of the controller when it names nobody', async () => {
  const { reach, posted } = setUp(
    { provider: 'generic', address: 'https://other.example', audiences: 'one\n\n two \n' },
    { surroundings: { env: {}, readFile: async () => new TextEncoder().encode(ownToken) } },
  )
  await reach()
  expect(posted().map(({ path, body }) => [path, (body as { spec?: unknown }).spec])).toEqual([
    [
      '/api/v1/namespaces/flux-system/serviceaccounts/kustomize-controller/token',
      { audiences: ['one', 'two'] },
    ],
  ])
})

test.for([
  ['an unknown provider', { provider: 'moon' }, {}, "provider 'moon' not implemented"],
  ['no address', { ...generic, address: '' }, {}, 'cluster address is required to create a REST config'],
  [
    'an address without TLS',
    { ...generic, address: 'http://x' },
    {},
    "failed to parse cluster address http://x: the Kubernetes API server address 'http://x' must use https scheme",
  ],
  [
    'an account that is not there',
    { ...generic, serviceAccountName: 'nobody' },
    {},
    "failed to get access token for cluster: failed to get service account 'apps/nobody': /api/v1/namespaces/apps/serviceaccounts/nobody not found",
  ],
  [
    'a gate that is closed',
    generic,
    { objectLevelWorkloadIdentity: false },
    'failed to get access token for cluster: ObjectLevelWorkloadIdentity feature gate is not enabled',
  ],
  [
    'a controller without an account',
    { ...generic, serviceAccountName: '' },
    {},
    'failed to get access token for cluster: failed to create provider access token for the controller: failed to read service account token file /var/run/secrets/kubernetes.io/serviceaccount/token: open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory',
  ],
] as const)('says what is wrong with %s', async ([, data, options, want]) => {
  const { reach } = setUp(data, options)
  const failed = await reach().then(String, errorChain)
  expect(failed).toBe(want)
})
