import { execFileSync } from 'node:child_process'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { createHttp, createTempDirectory, gunzip, readTar } from '@sluice/host'
import { memoryFileTree, readBody } from '@sluice/ports'
import { fakeClock, fakeHttp } from '@sluice/ports/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type ArtifactStore,
  artifactHandler,
  createArtifactFetcher,
  createArtifactStore,
  digestOf,
  type StoredArtifact,
  sourceIgnoreFilter,
} from '../src/index.ts'

const { signal } = new AbortController()
const http = createHttp()
const clock = fakeClock(Date.UTC(2026, 10, 26, 2, 0, 0, 500))
const place = { kind: 'GitRepository', namespace: 'apps', name: 'podinfo', fileName: 'abc.tar.gz' } as const
const tree = memoryFileTree([
  ['b/run.sh', { content: '#!/bin/sh\n', executable: true }],
  ['a.yaml', 'a: 1\n'],
  ['pic.jpg', 'x'],
  ['link', { link: 'a.yaml' }],
])

let temp: Awaited<ReturnType<typeof createTempDirectory>>
let directory: string
let server: Server
let store: ArtifactStore
let address: string

beforeAll(async () => {
  temp = await createTempDirectory('artifact-')
})
beforeEach(async () => {
  directory = (await createTempDirectory('store-', temp.path)).path
  server?.closeAllConnections()
  server = createServer(artifactHandler(directory))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  store = createArtifactStore({ directory, advertisedAddress: address, clock })
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await http.close()
  await temp[Symbol.asyncDispose]()
})

const archive = (fileName = 'abc.tar.gz'): Promise<StoredArtifact> =>
  store.archive({ ...place, fileName }, 'main@sha1:abc', {
    tree,
    isExcluded: sourceIgnoreFilter(tree, undefined),
  })

describe('the store', () => {
  test('archives a tree as Flux does', async () => {
    const artifact = await archive()
    expect(artifact).toMatchObject({
      path: 'gitrepository/apps/podinfo/abc.tar.gz',
      url: `http://${address}/gitrepository/apps/podinfo/abc.tar.gz`,
      revision: 'main@sha1:abc',
      lastUpdateTime: '2026-11-26T02:00:00Z',
    })
    const bytes = await readFile(join(directory, artifact.path))
    expect(artifact).toMatchObject({ size: bytes.length, digest: digestOf(bytes) })
    const listing = execFileSync('tar', ['-tvzf', join(directory, artifact.path)], { encoding: 'utf8' })
    const lines = listing.trim().split('\n')
    expect(lines.map((line) => line.replace(/ +\d+ \d{4}-.*:\d\d /, ' '))).toEqual([
      'drwxr-x--- 0/0 .',
      '-rw------- 0/0 a.yaml',
      'drwxr-x--- 0/0 b',
      '-rwx------ 0/0 b/run.sh',
    ])
    expect(await archive()).toEqual(artifact)
  })

  test('knows a file that was changed or lost', async () => {
    const artifact = await archive()
    await store.verify(artifact)
    await writeFile(join(directory, artifact.path), 'tampered')
    await expect(store.verify(artifact)).rejects.toMatchObject({ code: 'ARTIFACT_DIGEST_MISMATCH' })
    await store.remove(artifact)
    expect(await store.has(artifact)).toBe(false)
    await expect(store.verify(artifact)).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' })
  })

  test('keeps two records and the current one, and what is younger than a minute', async () => {
    const names = ['1.tar.gz', '2.tar.gz', '3.tar.gz', '4.tar.gz']
    const artifacts: StoredArtifact[] = []
    for (const name of names) artifacts.push(await archive(name))
    const stamp = async (name: string, ageMs: number): Promise<void> => {
      const time = (clock.now() - ageMs) / 1000
      await utimes(join(directory, dirname(artifacts[0]!.path), name), time, time)
    }
    await stamp('1.tar.gz', 90_000)
    await stamp('2.tar.gz', 30_000)
    await stamp('3.tar.gz', 20_000)
    expect(await store.collectGarbage(artifacts[3]!)).toEqual(['1.tar.gz', '2.tar.gz'])
    expect(await readdir(join(directory, 'gitrepository/apps/podinfo'))).toEqual([
      '3.tar.gz',
      '3.tar.gz.lock',
      '4.tar.gz',
      '4.tar.gz.lock',
    ])
    // The current one stays however old it is.
    await stamp('4.tar.gz', 900_000)
    expect(await store.collectGarbage(artifacts[3]!)).toEqual([])
  })

  test('links, stamps anew and removes all of an object', async () => {
    const artifact = await archive()
    expect(await store.link(artifact, 'latest.tar.gz')).toBe(
      `http://${address}/gitrepository/apps/podinfo/latest.tar.gz`,
    )
    await store.link(await archive('def.tar.gz'), 'latest.tar.gz')
    const moved = createArtifactStore({ directory, advertisedAddress: 'other:80', clock })
    expect(moved.restamp(artifact).url).toBe('http://other:80/gitrepository/apps/podinfo/abc.tar.gz')
    expect(await store.removeAll(place)).toBe(true)
    expect(await store.removeAll(place)).toBe(false)
    expect(await readdir(join(directory, 'gitrepository/apps'))).toEqual([])
  })

  test.for(['../../etc', 'a/b', '', '.', '.tmp-x', 'a\0'])('a name %j never becomes a path', (name) => {
    expect(() => store.locate({ ...place, name })).toThrow('invalid name')
  })

  test('a path from a hostile status is refused', async () => {
    await expect(store.read({ path: '../../etc/passwd' })).rejects.toThrow('invalid name')
  })

  test('a failing source leaves the old file', async () => {
    const artifact = await archive()
    const failing = {
      ...tree,
      read: () => {
        throw new Error('gone')
      },
    }
    await expect(store.archive(place, 'r', { tree: failing })).rejects.toThrow('gone')
    await store.verify(artifact)
    expect(await readdir(join(directory, dirname(artifact.path)))).toEqual(['abc.tar.gz', 'abc.tar.gz.lock'])
  })
})

async function get(path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
  const request = {
    method,
    url: `http://${address}/${path}`,
    headers,
    maxBodyBytes: 10_000,
    timeoutMs: 1000,
  }
  const response = await http.request(request, { signal })
  return { ...response, text: Buffer.from(await readBody(response.body)).toString('latin1') }
}

describe('the server', () => {
  test('serves files, parts of them and nothing when unchanged', async () => {
    const { path } = await store.write(place, 'r', new TextEncoder().encode('0123456789'))
    const whole = await get(path)
    expect([whole.status, whole.text, whole.headers.get('content-type')]).toEqual([
      200,
      '0123456789',
      'application/gzip',
    ])
    const etag = whole.headers.get('etag') ?? ''
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
    expect((await get(path, { 'if-modified-since': whole.headers.get('last-modified') ?? '' })).status).toBe(
      304,
    )
    const part = await get(path, { range: 'bytes=2-4' })
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
    expect((await get(path, { range: 'bytes=-3' })).text).toBe('789')
    expect((await get(path, { range: 'bytes=7-' })).text).toBe('789')
    expect((await get(path, { range: 'bytes=10-' })).status).toBe(416)
    expect((await get(path, { range: 'bytes=2-4', 'if-range': '"other"' })).text).toBe('0123456789')
    const head = await get(path, {}, 'HEAD')
    expect([head.text, head.headers.get('content-length')]).toEqual(['', '10'])
  })

  test('lists directories and follows links within the store only', async () => {
    const artifact = await store.write(place, 'r', new TextEncoder().encode('x'))
    await store.link(artifact, 'latest.tar.gz')
    expect((await get('gitrepository/apps/podinfo/latest.tar.gz')).text).toBe('x')
    expect((await get('gitrepository/apps/podinfo/')).text).toContain('<a href="abc.tar.gz">abc.tar.gz</a>')
    execFileSync('ln', ['-s', '/etc/passwd', join(directory, 'leak')])
    expect((await get('leak')).status).toBe(404)
  })

  test.for(['nothing', '%2e%2e/x', '..%2fx', 'a%00b', '%zz', '.tmp-abc', 'a%5c..%5cb', 'x'.repeat(5000)])(
    '%s is not found',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )
})

const answering = (status: number, body = 'body'): ReturnType<typeof fakeHttp> =>
  fakeHttp(() => ({ status, body }))

describe('the fetcher', () => {
  test('fetches, verifies and unpacks once', async () => {
    const artifact = await archive()
    const fetcher = createArtifactFetcher({ http })
    const first = await fetcher.fetchTree(artifact, { signal })
    expect(first.list('')).toEqual(['a.yaml', 'b'])
    expect(first.stat('b/run.sh')).toMatchObject({ executable: true })
    expect(await fetcher.fetchTree(artifact, { signal })).toBe(first)
    const bytes = await fetcher.fetchBytes(artifact, { signal })
    expect([...readTar(await gunzip(bytes, { maxBytes: 1e6 }))]).toHaveLength(4)
  })

  const digest = digestOf(new TextEncoder().encode('body'))
  test.for([
    ['a missing file', answering(404), digest, 'ARTIFACT_NOT_FOUND', 'file not found'],
    ['a failing server', answering(500), digest, 'ARTIFACT_UNREACHABLE', '(status: 500)'],
    ['no server', fakeHttp(() => undefined), digest, 'ARTIFACT_UNREACHABLE', 'failed to download archive'],
    ['another content', answering(200, 'evil'), digest, 'ARTIFACT_DIGEST_MISMATCH', "doesn't match provided"],
    ['no archive', answering(200), digest, 'ARTIFACT_INVALID', 'failed to extract archive'],
    ['too much', answering(200, 'x'.repeat(2000)), digest, 'ARTIFACT_TOO_LARGE', 'max download size of 1000'],
    ['no digest', answering(200), '', 'ARTIFACT_INVALID', 'empty digest'],
    ['an unknown algorithm', answering(200), 'md5:00', 'ARTIFACT_INVALID', 'unsupported digest algorithm'],
    ['a short digest', answering(200), 'sha256:00', 'ARTIFACT_INVALID', 'invalid checksum digest length'],
  ] as const)('%s', async ([, client, wanted, code, message]) => {
    const fetcher = createArtifactFetcher({ http: client, maxDownloadBytes: 1000 })
    const fetched = fetcher.fetchTree({ url: 'http://store/x.tar.gz', digest: wanted }, { signal })
    await expect(fetched).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})
