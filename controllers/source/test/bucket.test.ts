import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fakeClock } from '@sluice/ports/testing'
import { bucketController } from '@sluice/source-controller'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SourceHarness, startSources } from './source-harness.ts'

const kind = 'Bucket'
let server: Server
let endpoint: string
let objects: Map<string, string>
let it: SourceHarness

const etagOf = (text: string): string => createHash('md5').update(text).digest('hex')
const denied = '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>'

/** As much of S3 as the controller asks for, with the requests' signatures taken on trust. */
function answer(url: URL, authorization: string): { status: number; body: string; etag?: string } {
  const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
  if (!authorization.includes('Credential=minio/')) return { status: 403, body: denied }
  if (bucket !== 'apps') return { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }
  const key = rest.join('/')
  if (key !== '') {
    const text = objects.get(key)
    return text === undefined ? { status: 404, body: '' } : { status: 200, body: text, etag: etagOf(text) }
  }
  const prefix = url.searchParams.get('prefix') ?? ''
  const contents = [...objects]
    .filter(([name]) => name.startsWith(prefix))
    .map(
      ([name, text]) =>
        `<Contents><Key>${encodeURIComponent(name)}</Key><ETag>"${etagOf(text)}"</ETag><Size>1</Size></Contents>`,
    )
  return { status: 200, body: `<ListBucketResult>${contents.join('')}</ListBucketResult>` }
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body, etag } = answer(
      new URL(request.url ?? '', 'http://x'),
      request.headers.authorization ?? '',
    )
    response.writeHead(status, etag === undefined ? {} : { etag: `"${etag}"` }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(async () => {
  objects = new Map([
    ['.sourceignore', '*.txt\n'],
    ['app/', ''],
    ['app/cm.yaml', 'a: 1'],
    ['app/readme.txt', 'x'],
    ['other/pic.jpg', 'y'],
  ])
  it = await startSources((deps) => [bucketController({ ...deps, clock: fakeClock() }) as never])
  it.secret('minio', { accesskey: 'minio', secretkey: 'minio123' })
})
afterEach(() => it.close())

const apply = (name: string, spec: object = {}, annotations: Record<string, string> = {}): void =>
  it.apply({
    kind,
    name,
    annotations,
    spec: {
      interval: '1m',
      endpoint,
      insecure: true,
      bucketName: 'apps',
      secretRef: { name: 'minio' },
      ...spec,
    },
  })

const revisionOf = (...keys: string[]): string => {
  const lines = keys.map((key) => `${key} ${etagOf(objects.get(key) ?? '')}\n`)
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`
}

test('objects become an artifact, without those that are ignored', async () => {
  apply('ok')
  await it.settled(kind, 'ok')
  const revision = revisionOf('app/cm.yaml', 'other/pic.jpg')
  expect(it.conditions(kind, 'ok')).toEqual([
    `Ready=True Succeeded: stored artifact: revision '${revision}'`,
    `ArtifactInStorage=True Succeeded: stored artifact: revision '${revision}'`,
  ])
  const tree = await it.fetch(kind, 'ok')
  expect(tree.list('')).toEqual(['.sourceignore', 'app', 'other'])
  expect(tree.list('app')).toEqual(['cm.yaml'])
  expect(it.status(kind, 'ok').url).toMatch(/\/bucket\/apps\/ok\/latest\.tar\.gz$/)
  expect(await it.events()).toEqual([
    "Normal NewArtifact: stored artifact with 2 fetched files from 'apps' bucket",
  ])
})

test('prefix and ignore narrow it, a change comes through', async () => {
  apply('prefix', { prefix: 'app' })
  apply('ignore', { ignore: '/other' })
  await it.settled(kind, 'prefix')
  await it.settled(kind, 'ignore')
  expect(it.status(kind, 'prefix').artifact?.revision).toBe(revisionOf('app/cm.yaml'))
  expect(it.status(kind, 'ignore').artifact?.revision).toBe(revisionOf('app/cm.yaml'))
  objects.set('app/cm.yaml', 'a: 2')
  apply('prefix', { prefix: 'app' }, { 'reconcile.fluxcd.io/requestedAt': '1' })
  await it.settled(kind, 'prefix')
  expect(it.status(kind, 'prefix').artifact?.revision).toBe(revisionOf('app/cm.yaml'))
})

test.for([
  [
    { secretRef: undefined },
    'BucketOperationFailed',
    "failed to confirm existence of 'apps' bucket: Access Denied.",
  ],
  [{ bucketName: 'nope' }, 'BucketOperationFailed', "bucket 'nope' not found"],
  [{ secretRef: { name: 'none' } }, 'AuthenticationFailed', "failed to get secret 'apps/none': "],
  [
    { secretRef: { name: 'half' } },
    'AuthenticationFailed',
    "invalid 'half' secret data: required fields 'accesskey'",
  ],
  [
    { provider: 'aws', sts: { provider: 'ldap', endpoint: 'https://x' } },
    'InvalidSTSConfiguration',
    'is not supported',
  ],
] as const)('%j is reported', async ([spec, reason, message]) => {
  it.secret('half', { accesskey: 'minio' })
  apply('bad', spec)
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')).toMatchObject({
    status: 'False',
    reason,
    message: expect.stringContaining(message),
  })
})

test.for([
  ['../x', 'cannot be asked for'],
  ['app/cm.yaml/below', "objects do not form a directory: 'app/cm.yaml' is an object and a directory"],
  ['/etc/passwd', 'objects do not form a directory: '],
] as const)('the key %s is refused', async ([key, message]) => {
  objects.set(key, 'x')
  apply('bad')
  await it.settled(kind, 'bad')
  expect(it.ready(kind, 'bad')?.message).toContain(message)
})
