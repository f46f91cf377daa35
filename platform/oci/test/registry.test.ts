import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHttp } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  diskRegistryStore,
  mediaTypes,
  memoryRegistryStore,
  type OciCredentials,
  type OciRepositoryClient,
  ociRegistry,
  ociRepository,
  pushArtifact,
  registryHandler,
} from '../src/index.ts'

const http = createHttp()
const { signal } = new AbortController()
const servers: Server[] = []
const root = mkdtempSync(join(tmpdir(), 'sluice-registry-'))

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await http.close()
  rmSync(root, { recursive: true })
})

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const digestOf = (content: string, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
const failure = (work: Promise<unknown>): Promise<string> => work.then(String, errorChain)
const repository = (registry: string, name: string, credentials?: OciCredentials): OciRepositoryClient =>
  ociRepository(
    { registry, repository: name, ...(credentials ? { credentials } : {}) },
    { http, signal, timeoutMs: 5000 },
  )

describe.each(['memory', 'disk'])('a registry in %s', (kind) => {
  const directory = join(root, kind)
  let address: string
  const url = (path: string): string => `http://${address}/v2/${path}`
  const mount = (content: string): Promise<Response> =>
    fetch(url(`other/blobs/uploads/?mount=${digestOf(content)}&from=apps/demo`), { method: 'POST' })
  const remove = async (reference: string): Promise<number> =>
    (await fetch(url(`apps/deleted/manifests/${reference}`), { method: 'DELETE' })).status

  beforeAll(async () => {
    const bounds = { maxBlobBytes: 1000, maxTotalBytes: 5000 }
    const store = kind === 'memory' ? memoryRegistryStore(bounds) : await diskRegistryStore(directory, bounds)
    address = await listen(registryHandler({ store }))
    await pushArtifact(repository(address, 'apps/demo'), 'v1', { content: text('content') })
  })

  test('a blob is read in part', async () => {
    const blob = url(`apps/demo/blobs/${digestOf('content')}`)
    const read = async (range: string): Promise<string> => {
      const response = await fetch(blob, { headers: { range } })
      return `${response.status} ${response.headers.get('content-range')} ${await response.text()}`
    }
    expect(await read('bytes=1-3')).toBe('206 bytes 1-3/7 ont')
    expect(await read('bytes=-2')).toBe('206 bytes 5-6/7 nt')
    expect(await read('bytes=7-')).toContain('416 bytes */7')
    expect((await fetch(blob, { method: 'HEAD' })).headers.get('content-length')).toBe('7')
  })

  test('a blob comes in pieces', async () => {
    const started = await fetch(url('apps/demo/blobs/uploads/'), { method: 'POST' })
    const place = `http://${address}${started.headers.get('location')}`
    const piece = (body: string, range: string): Promise<Response> =>
      fetch(place, { method: 'PATCH', body, headers: { 'content-range': range } })
    expect((await piece('abc', '0-2')).headers.get('range')).toBe('0-2')
    expect((await piece('zzz', '9-11')).status).toBe(416)
    expect((await piece('def', '3-5')).status).toBe(202)
    expect((await fetch(place)).headers.get('range')).toBe('0-5')
    const end = await fetch(`${place}?digest=${digestOf('abcdef', 'sha512')}`, { method: 'PUT' })
    expect(end.status).toBe(201)
    expect(await (await fetch(`http://${address}${end.headers.get('location')}`)).text()).toBe('abcdef')
    expect((await fetch(place)).status).toBe(404)
  })

  test('what another repository has is mounted', async () => {
    expect((await mount('content')).status).toBe(201)
    expect((await mount('nothing')).status).toBe(202)
  })

  test.for([
    [
      'wrong digest',
      `apps/demo/blobs/uploads/?digest=${digestOf('other')}`,
      'POST',
      'x',
      400,
      'DIGEST_INVALID',
    ],
    ['no digest', 'apps/demo/blobs/uploads/?digest=../../x', 'POST', 'x', 400, 'DIGEST_INVALID'],
    ['large blob', 'apps/demo/blobs/uploads/', 'POST', 'x'.repeat(1001), 413, 'SIZE_INVALID'],
    ['path in a tag', 'apps/demo/manifests/..%2f..%2fx', 'PUT', '{}', 400, 'TAG_INVALID'],
    ['malformed tag', 'apps/demo/manifests/.x', 'PUT', '{}', 400, 'TAG_INVALID'],
    ['path in a name', 'apps/..%2f../manifests/x', 'PUT', '{}', 400, 'NAME_INVALID'],
    ['malformed escape', 'apps/%zz/manifests/x', 'PUT', '{}', 400, 'NAME_INVALID'],
    ['other digest', `apps/demo/manifests/${digestOf('x')}`, 'PUT', '{}', 400, 'DIGEST_INVALID'],
    ['large manifest', 'apps/demo/manifests/x', 'PUT', ' '.repeat(5_000_000), 413, 'SIZE_INVALID'],
    ['unknown upload', 'apps/demo/blobs/uploads/x', 'PATCH', 'x', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['unknown route', 'apps', 'GET', undefined, 404, 'NAME_UNKNOWN'],
  ] as const)('%s is refused', async ([, path, method, body, status, code]) => {
    const response = await fetch(url(path), { method, ...(body === undefined ? {} : { body }) })
    expect([response.status, await response.json()]).toMatchObject([status, { errors: [{ code }] }])
  })

  test('referrers are listed, by their kind if wanted', async () => {
    const client = repository(address, 'apps/demo')
    const subject = (await client.pullManifest('v1')).digest
    const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 }
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: 'application/example',
      config: empty,
      layers: [empty],
      subject: { mediaType: mediaTypes.manifest, digest: subject, size: 1 },
    })
    await client.pushBlob(text('{}'))
    const digest = await client.pushManifest(digestOf(manifest), text(manifest), mediaTypes.manifest)
    expect(await client.listReferrers(subject)).toMatchObject([
      { digest, artifactType: 'application/example' },
    ])
    const others = await fetch(url(`apps/demo/referrers/${subject}?artifactType=other`))
    expect(others.headers.get('oci-filters-applied')).toBe('artifactType')
    expect(await others.json()).toMatchObject({ manifests: [] })
    await fetch(url(`apps/demo/manifests/${digest}`), { method: 'DELETE' })
    expect(await client.listReferrers(subject)).toEqual([])
  })

  test('tags and manifests are deleted', async () => {
    const client = repository(address, 'apps/deleted')
    const digest = await pushArtifact(client, 'a', { content: text('content') })
    await pushArtifact(client, 'b', { content: text('content') })
    expect([await remove('a'), await remove('a')]).toEqual([202, 404])
    expect(await client.listTags()).toEqual(['b'])
    expect([await remove(digest), await remove(digest)]).toEqual([202, 404])
    expect(await client.listTags()).toEqual([])
    const catalogue = await fetch(`http://${address}/v2/_catalog?n=1`)
    expect(catalogue.headers.get('link')).toBe('</v2/_catalog?n=1&last=apps%2Fdeleted>; rel="next"')
    expect(await catalogue.json()).toEqual({ repositories: ['apps/deleted'] })
  })

  test('all together has a bound', async () => {
    const client = repository(address, 'apps/full')
    const pushes = ['a', 'b', 'c', 'd', 'e', 'f'].map((it) => client.pushBlob(text(it.repeat(999))))
    expect(await failure(Promise.all(pushes))).toContain('SIZE_INVALID: upload is too large')
  })
})

test('what is on disk is there again, without what was half way', async () => {
  const directory = join(root, 'again')
  const start = async (): Promise<string> =>
    listen(registryHandler({ store: await diskRegistryStore(directory) }))
  const digest = await pushArtifact(repository(await start(), 'a/b'), 'v1', { content: text('content') })
  writeFileSync(join(directory, 'uploads/half'), 'x')
  const client = repository(await start(), 'a/b')
  expect(readdirSync(join(directory, 'uploads'))).toEqual([])
  expect(await client.listTags()).toEqual(['v1'])
  expect(await client.resolve('v1')).toBe(digest)
})

const isMe = ({ name, password }: { name: string; password: string }): boolean =>
  name === 'me' && password === 's3cret'

describe('everyone reads, users write', () => {
  let now = 1_000_000
  let address: string
  beforeAll(async () => {
    const handler = await ociRegistry({ directory: join(root, 'login'), isUser: isMe, now: () => now })
    address = await listen(handler)
  })
  const me = { kind: 'basic', username: 'me', password: 's3cret' } as const
  const demo = (credentials?: OciCredentials): OciRepositoryClient =>
    repository(address, 'apps/demo', credentials)

  test('through tokens', async () => {
    const digest = await pushArtifact(demo(me), 'v1', { content: text('content') })
    expect(await demo().resolve('v1')).toBe(digest)
    expect(await failure(demo().pushBlob(text('other')))).toContain('UNAUTHORIZED: authentication required')
    const wrong = { ...me, password: 'wrong' }
    expect(await failure(demo(wrong).pushBlob(text('other')))).toContain('UNAUTHORIZED')
  })

  test('a client that asks how to log in is told', async () => {
    const probe = await fetch(`http://${address}/v2/`)
    expect(probe.status).toBe(401)
    expect(probe.headers.get('www-authenticate')).toBe(
      `Bearer realm="http://${address}/token",service="sluice"`,
    )
    const login = (password: string): Promise<Response> =>
      fetch(`http://${address}/token?service=sluice&account=me`, {
        headers: { authorization: `Basic ${btoa(`me:${password}`)}` },
      })
    expect((await login('wrong')).status).toBe(401)
    const { token } = (await (await login('s3cret')).json()) as { token: string }
    const withToken = { headers: { authorization: `Bearer ${token}` } }
    expect((await fetch(`http://${address}/v2/`, withToken)).status).toBe(200)
  })

  test.for(['expired', 'of another repository', 'changed'])(
    'a token that is %s grants nothing',
    async (what) => {
      const scope = `repository:${what === 'of another repository' ? 'apps/other' : 'apps/demo'}:pull,push`
      const response = await fetch(`http://${address}/token?scope=${scope}`, {
        headers: { authorization: `Basic ${btoa('me:s3cret')}` },
      })
      const { token } = (await response.json()) as { token: string }
      if (what === 'expired') now += 6 * 60_000
      const sent = what === 'changed' ? token.replace(/^./, (it) => (it === 'A' ? 'B' : 'A')) : token
      const upload = await fetch(`http://${address}/v2/apps/demo/blobs/uploads/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sent}` },
      })
      expect(upload.status).toBe(401)
    },
  )
})
