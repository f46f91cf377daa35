import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  artifactHandler,
  type BlobStore,
  createReplicatedStore,
  type ReplicatedStore,
  type StoredArtifact,
} from '@sluice/artifact'
import { createHttp, createTempDirectory } from '@sluice/host'
import { memoryRegistryStore, registryHandler } from '@sluice/oci'
import { memoryFileTree } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBlobStore } from '../src/index.ts'
import { s3Credentials, startS3Server } from './s3-server.ts'

const { signal } = new AbortController()
const http = createHttp()
const owner = { kind: 'GitRepository', namespace: 'apps', name: 'app' }
const place = { ...owner, fileName: 'c0ffee.tar.gz' }
const path = 'gitrepository/apps/app/c0ffee.tar.gz'
const clock = fakeClock(Date.UTC(2026, 0, 1))
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
afterAll(() => http.close())

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Replica = {
  readonly store: ReplicatedStore
  readonly directory: string
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
}

/** A process with a disk of its own. */
async function startReplica(
  blobs: BlobStore,
  { maxCacheBytes }: { readonly maxCacheBytes?: number } = {},
): Promise<Replica> {
  const temp = await createTempDirectory('replica-')
  closing.push(() => temp[Symbol.asyncDispose]())
  const store = createReplicatedStore({
    directory: temp.path,
    advertisedAddress: 'source-controller',
    clock,
    blobs,
    ...(maxCacheBytes !== undefined && { maxCacheBytes }),
  })
  const address = await listen(createServer(artifactHandler(temp.path, { prepare: store.prepare })))
  return {
    store,
    directory: temp.path,
    get: (at, init) => fetch(`http://${address}/${at}`, init),
  }
}

const archive = async (
  { store }: Replica,
  text: string,
  fileName = place.fileName,
): Promise<StoredArtifact> => {
  const stored = await store.archive({ ...place, fileName }, 'main@sha1:c0ffee', {
    tree: memoryFileTree([['app.yaml', text]]),
  })
  await store.link(stored, 'latest.tar.gz')
  return stored
}
const filled = (fill: number): Uint8Array => new Uint8Array(1_000).fill(fill)
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())
const openOptions = (env: Readonly<Record<string, string>>): Parameters<typeof openBlobStore>[1] => ({
  http,
  clock: { now: () => Date.now(), sleep: async () => {} },
  surroundings: {
    env,
    readFile: () => Promise.reject(Object.assign(new Error('not there'), { code: 'ENOENT' })),
  },
  signal,
})
const aws = { AWS_ACCESS_KEY_ID: s3Credentials.accessKey, AWS_SECRET_ACCESS_KEY: s3Credentials.secretKey }

const kinds = {
  s3: async (): Promise<BlobStore> => {
    const server = await startS3Server()
    closing.push(server.close)
    return openBlobStore(server.url, openOptions(aws))
  },
  registry: async (): Promise<BlobStore> => {
    const address = await listen(createServer(registryHandler({ store: memoryRegistryStore() })))
    return openBlobStore(`oci://${address}/artifacts`, openOptions({ HOME: '/home/sluice' }))
  },
  'registry that deletes nothing': async (): Promise<BlobStore> => {
    const handler = registryHandler({ store: memoryRegistryStore() })
    const server = createServer((request, response) => {
      if (request.method === 'DELETE') response.writeHead(405).end('{"errors":[{"code":"UNSUPPORTED"}]}')
      else handler(request, response)
    })
    return openBlobStore(`oci://${await listen(server)}/artifacts`, openOptions({}))
  },
} as const

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', (kind) => {
  let blobs: BlobStore
  let leader: Replica
  let other: Replica

  beforeEach(async () => {
    blobs = await kinds[kind]()
    leader = await startReplica(blobs)
    other = await startReplica(blobs)
  })

  test('every replica serves the same file under the same address', async () => {
    const stored = await archive(leader, 'a: 1')
    expect(stored.url).toBe(`http://source-controller/${path}`)
    const [here, there] = [await leader.get(path), await other.get(path)]
    expect([here.status, there.status]).toEqual([200, 200])
    const content = await bytesOf(there)
    expect(content.equals(await bytesOf(here))).toBe(true)
    expect(content).toHaveLength(stored.size)
    await other.store.verify(stored)
    const linked = await other.get('gitrepository/apps/app/latest.tar.gz')
    expect((await bytesOf(linked)).equals(content)).toBe(true)
    const part = await other.get(path, { headers: { range: 'bytes=0-3' } })
    expect([part.status, await bytesOf(part)]).toEqual([206, content.subarray(0, 4)])
    expect((await other.get(path, { method: 'HEAD' })).headers.get('content-length')).toBe(
      String(stored.size),
    )
  })

  test('a file that changes under its name changes everywhere', async () => {
    await archive(leader, 'a: 1')
    const before = await bytesOf(await other.get(path))
    const second = await archive(leader, 'a: 2')
    const after = await bytesOf(await other.get(path))
    expect(after.equals(before)).toBe(false)
    expect(await other.store.has(second)).toBe(true)
    expect(Buffer.from(await other.store.read(second)).equals(after)).toBe(true)
  })

  test('names that a registry or an address has no room for are kept too', async () => {
    const odd = { ...place, fileName: `sha256:${'a'.repeat(64)}+1.tar.gz` }
    const stored = await leader.store.write(odd, 'v1', new TextEncoder().encode('x'))
    expect(await (await other.get(stored.path)).text()).toBe('x')
    await leader.store.removeAll(owner)
    expect((await other.get(stored.path)).status).toBe(404)
  })

  test('what retention does not keep goes everywhere, and all of an object with it', async () => {
    const first = await archive(leader, 'a: 1', 'one.tar.gz')
    await other.get(first.path)
    await clock.advance(1_000)
    await archive(leader, 'a: 2', 'two.tar.gz')
    await clock.advance(1_000)
    const third = await archive(leader, 'a: 3', 'three.tar.gz')
    expect(await leader.store.collectGarbage(third)).toEqual(['one.tar.gz'])
    expect((await other.get(first.path)).status).toBe(404)
    await clock.advance(61_000)
    expect(await leader.store.collectGarbage(third)).toEqual(['two.tar.gz'])
    expect(await leader.store.collectGarbage(third)).toEqual([])
    expect((await other.get(third.path)).status).toBe(200)
    expect(await leader.store.removeAll(owner)).toBe(true)
    expect(await leader.store.removeAll(owner)).toBe(false)
    expect((await other.get(third.path)).status).toBe(404)
    expect((await other.get('gitrepository/apps/app/latest.tar.gz')).status).toBe(404)
  })

  test('another process takes over with an empty disk, and mends a damaged one', async () => {
    const stored = await archive(leader, 'a: 1')
    const next = await startReplica(blobs)
    expect(await next.store.has(stored)).toBe(true)
    await next.store.verify(stored)
    expect(await next.store.read(stored)).toHaveLength(stored.size)
    await writeFile(join(next.directory, path), 'damaged')
    await next.store.verify(stored)
    expect(await next.store.read(stored)).toHaveLength(stored.size)
    expect(await next.store.collectGarbage(stored)).toEqual([])
  })

  test('what was lost outside goes there again from the disk', async () => {
    const stored = await archive(leader, 'a: 1')
    await blobs.removeAll({ ...owner, kind: 'gitrepository' })
    expect((await other.get(path)).status).toBe(404)
    const restarted = createReplicatedStore({
      directory: leader.directory,
      advertisedAddress: 'source-controller',
      clock,
      blobs,
    })
    await restarted.verify(stored)
    expect((await other.get(path)).status).toBe(200)
  })

  test('the disk keeps no more than it may, and fetches the rest again', async () => {
    const small = await startReplica(blobs, { maxCacheBytes: 2_500 })
    const stored: StoredArtifact[] = []
    for (const fill of [1, 2, 3, 4]) {
      stored.push(await small.store.write({ ...place, name: `app-${fill}` }, 'v1', filled(fill)))
    }
    const files = await readdir(small.directory, { recursive: true })
    expect(files.filter((file) => file.endsWith('.gz')).toSorted()).toEqual(
      ['app-3', 'app-4'].map((name) => `gitrepository/apps/${name}/${place.fileName}`),
    )
    for (const [index, it] of stored.entries()) {
      expect(await small.store.has(it)).toBe(true)
      expect(Buffer.from(await small.store.read(it))).toEqual(Buffer.from(filled(index + 1)))
    }
  })
})
