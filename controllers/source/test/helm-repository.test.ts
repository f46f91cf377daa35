import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttp } from '@sluice/host'
import { readBody } from '@sluice/ports'
import { helmRepositoryController } from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SourceHarness, startSources } from './source-harness.ts'

const kind = 'HelmRepository'
const http = createHttp()
let server: Server
let base: string
let index: string
let it: SourceHarness

beforeAll(async () => {
  server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const isClosed =
      path.startsWith('/closed/') && request.headers.authorization !== `Basic ${btoa('me:s3cret')}`
    if (isClosed) response.writeHead(401).end()
    else if (/^\/(?:open|closed)\/index\.yaml$/.test(path)) response.end(index)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await http.close()
})
beforeEach(async () => {
  index = 'apiVersion: v1\nentries:\n  mini:\n  - {name: mini, version: 0.1.0, urls: [mini.tgz]}\n'
  it = await startSources((deps) => [helmRepositoryController(deps) as never])
})
afterEach(() => it.close())

const apply = (name: string, spec: object = {}, annotations: Record<string, string> = {}): void =>
  it.apply({ kind, name, annotations, spec: { interval: '1m', url: `${base}/open`, ...spec } })

test('the index is served as JSON under its digest', async () => {
  apply('lab')
  await it.settled(kind, 'lab')
  const { artifact, url } = it.status(kind, 'lab')
  expect(artifact?.revision).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(artifact?.path).toBe(`helmrepository/apps/lab/index-${artifact?.revision.slice(7)}.yaml`)
  expect(it.conditions(kind, 'lab')[0]).toBe(
    `Ready=True Succeeded: stored artifact: revision '${artifact?.revision}'`,
  )
  const request = { method: 'GET', url: url ?? '', maxBodyBytes: 1000, timeoutMs: 1000 } as const
  const response = await http.request(request, { signal: new AbortController().signal })
  expect(JSON.parse(new TextDecoder().decode(await readBody(response.body)))).toMatchObject({
    entries: { mini: [{ version: '0.1.0' }] },
  })
  expect(await it.events()).toEqual([
    `Normal NewArtifact: stored fetched index of size ${artifact?.size}B from '${base}/open'`,
  ])
})

test('a new index is fetched, an unchanged one is not stored again', async () => {
  apply('lab')
  await it.settled(kind, 'lab')
  const before = it.status(kind, 'lab').artifact
  apply('lab', {}, { 'reconcile.fluxcd.io/requestedAt': '1' })
  await it.settled(kind, 'lab')
  expect(it.status(kind, 'lab').artifact).toEqual(before)
  expect((await it.events()).at(-1)).toContain('ArtifactUpToDate')
  index += '  more: []\n'
  apply('lab', {}, { 'reconcile.fluxcd.io/requestedAt': '2' })
  await it.settled(kind, 'lab')
  expect(it.status(kind, 'lab').artifact?.revision).not.toBe(before?.revision)
})

test('credentials are sent', async () => {
  it.secret('auth', { username: 'me', password: 's3cret' })
  apply('closed', { url: `${base}/closed`, secretRef: { name: 'auth' } })
  await it.settled(kind, 'closed')
  expect(it.ready(kind, 'closed')?.status).toBe('True')
})

test('one of type oci is data: no finalizer, no status', async () => {
  it.apply({
    kind,
    name: 'oci',
    spec: { type: 'oci', url: 'oci://host/charts' },
    metadata: { finalizers: ['finalizers.fluxcd.io'] },
  })
  await it.until(
    () => Object.keys(it.status(kind, 'oci')).length === 0 && it.finalizers(kind, 'oci').length === 0,
  )
  expect(await it.events()).toEqual([])
})

const fetching =
  'failed to fetch Helm repository index: failed to cache index to temporary file: failed to fetch '
test.for([
  ['/nope', {}, 'Failed', (url: string) => `${fetching}${url}/nope/index.yaml : 404 Not Found`],
  ['/closed', {}, 'Failed', (url: string) => `${fetching}${url}/closed/index.yaml : 401 Unauthorized`],
  [
    '/open',
    { secretRef: { name: 'x' } },
    'AuthenticationFailed',
    () => "failed to get authentication secret 'apps/x'",
  ],
  ['oci://x/y', {}, 'URLInvalid', () => "'oci' URL scheme cannot be used with 'default' HelmRepository type"],
] as const)('%s %j is reported', async ([path, spec, reason, message]) => {
  apply('bad', { ...spec, url: path.startsWith('/') ? base + path : path })
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message(base)),
  })
})

test('an index that is none is reported', async () => {
  index = '<html>not found</html>'
  apply('bad')
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')).toMatchObject({
    reason: 'IndexationFailed',
    message: expect.stringMatching(/^failed to load Helm repository from index YAML: /),
  })
})
