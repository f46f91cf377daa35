import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  artifactHandler,
  type BlobStore,
  createReplicatedStore,
  digestOf,
  type ReplicatedStore,
  type StoredArtifact,
} from '@sluice/artifact'
import { createHttp, createTempDirectory } from '@sluice/host'
import { ToolkitError } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBlobStore, parseBlobUrl } from '../src/index.ts'
import { type S3Server, s3Credentials, startS3Server } from './s3-server.ts'

const { signal } = new AbortController()
const http = createHttp()
const clock = fakeClock(Date.UTC(2026, 0, 1))
const place = { kind: 'Bucket', namespace: 'apps', name: 'app', fileName: 'app.tar.gz' }
const path = 'bucket/apps/app/app.tar.gz'
const record = 'team/prod/bucket/apps/app/names/app.tar.gz'
const content = new TextEncoder().encode('the content')
const contentKey = (bytes: Uint8Array): string =>
  `team/prod/bucket/apps/app/content/${digestOf(bytes).replace(':', '-')}`
const closing: (() => unknown)[] = []
let s3: S3Server
let blobs: BlobStore
let stored: StoredArtifact
let replica: { readonly store: ReplicatedStore; readonly directory: string; readonly address: string }

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
afterAll(() => http.close())
beforeEach(async () => {
  s3 = await startS3Server()
  closing.push(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3Credentials.accessKey, AWS_SECRET_ACCESS_KEY: s3Credentials.secretKey }
  blobs = open(s3.url, env)
  stored = await (await startReplica()).store.write(place, 'v1', content)
  replica = await startReplica()
})

function open(url: string, env: Readonly<Record<string, string>>): BlobStore {
  return openBlobStore(url, {
    http,
    clock: { now: () => Date.now(), sleep: async () => {} },
    surroundings: { env, readFile: () => Promise.reject(new Error('not there')) },
    signal,
  })
}

async function startReplica(): Promise<typeof replica> {
  const temp = await createTempDirectory('replica-')
  closing.push(() => temp[Symbol.asyncDispose]())
  const directory = temp.path
  const store = createReplicatedStore({ directory, advertisedAddress: 'localhost', clock, blobs })
  const server = createServer(artifactHandler(directory, { prepare: store.prepare }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return { store, directory, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const status = async (at = path): Promise<number> => {
  const response = await fetch(`${replica.address}/${at}`)
  await response.arrayBuffer()
  return response.status
}
const recordOf = (change: object): Buffer => {
  const known = JSON.parse(s3.objects.get(record)?.toString() ?? '{}') as object
  return Buffer.from(JSON.stringify({ ...known, ...change }))
}

describe('a store that gives other content than it says', () => {
  test.for([
    ['other content', () => s3.objects.set(contentKey(content), Buffer.from('the Content')), 502],
    ['shorter content', () => s3.objects.set(contentKey(content), Buffer.from('the')), 502],
    ['longer content', () => s3.objects.set(contentKey(content), Buffer.from('the content, and more')), 503],
    ['no content', () => s3.objects.delete(contentKey(content)), 503],
    ['a record without end', () => s3.objects.set(record, Buffer.alloc(100_000, 'x')), 503],
    ['a record that is no JSON', () => s3.objects.set(record, Buffer.from('{')), 503],
    ['a record without size', () => s3.objects.set(record, recordOf({ size: -1 })), 503],
    ['a size beyond all bounds', () => s3.objects.set(record, recordOf({ size: 2 ** 40 })), 500],
    ['a digest that is none', () => s3.objects.set(record, recordOf({ digest: 'md5:1' })), 503],
    ['a name that climbs', () => s3.objects.set(record, recordOf({ fileName: '../../../../etc/x' })), 502],
  ] as const)('%s is refused and leaves nothing', async ([, tamper, want]) => {
    tamper()
    expect(await status()).toBe(want)
    expect(existsSync(join(replica.directory, path))).toBe(false)
  })

  test('is found out by who knows the digest', async () => {
    const other = new TextEncoder().encode('other')
    s3.objects.set(contentKey(other), Buffer.from(other))
    s3.objects.set(record, recordOf({ digest: digestOf(other), size: other.length }))
    expect(await replica.store.has(stored)).toBe(false)
    await expect(replica.store.verify(stored)).rejects.toMatchObject({ code: 'ARTIFACT_DIGEST_MISMATCH' })
    await expect(replica.store.read(stored)).rejects.toMatchObject({ code: 'ARTIFACT_DIGEST_MISMATCH' })
  })

  test('keeps no secret of another object', async () => {
    // Names in addresses are parts of keys: they cannot lead elsewhere.
    for (const at of ['bucket/apps/..%2F..%2Fother/app.tar.gz', 'bucket/apps/%2e%2e/app.tar.gz']) {
      expect(await status(at)).toBe(404)
    }
  })
})

describe('a store that cannot be reached', () => {
  test('is none to a replica that has the file', async () => {
    expect(await status()).toBe(200)
    s3.setDown(true)
    expect(await status()).toBe(200)
    await rm(join(replica.directory, path))
    expect(await status()).toBe(503)
    s3.setDown(false)
    expect(await status()).toBe(200)
  })

  test('lets nothing be stored, and what was there counts on', async () => {
    s3.setDown(true)
    const changed = new TextEncoder().encode('changed')
    await expect(replica.store.write(place, 'v1', changed)).rejects.toMatchObject({
      code: 'ARTIFACT_UNREACHABLE',
      message: 'artifact storage is not available',
    })
    await expect(replica.store.verify(stored)).rejects.toMatchObject({ code: 'ARTIFACT_UNREACHABLE' })
    s3.setDown(false)
    await replica.store.verify(stored)
    expect(Buffer.from(await replica.store.read(stored)).toString()).toBe('the content')
  })

  test('refuses who has the wrong key', async () => {
    const wrong = open(s3.url, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'other' })
    await expect(wrong.find({ ...place, kind: 'bucket' })).rejects.toMatchObject({ code: 'BUCKET_REFUSED' })
  })
})

/** A store that ends with its process after some of its steps. */
class DyingBlobs {
  #left: number
  readonly store: BlobStore

  constructor(inner: BlobStore, steps: number) {
    this.#left = steps
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      this.#left -= 1
      if (this.#left < 0) throw new ToolkitError('KILLED', 'killed')
      return work()
    }
    this.store = {
      find: (at) => step(() => inner.find(at)),
      list: (at) => step(() => inner.list(at)),
      fetch: (at, blob) => step(() => inner.fetch(at, blob)),
      put: (at, blob, bytes) => step(() => inner.put(at, blob, bytes)),
      link: (at, name, blob) => step(() => inner.link(at, name, blob)),
      remove: (at, name) => step(() => inner.remove(at, name)),
      removeUnused: (at) => step(() => inner.removeUnused(at)),
      removeAll: (at) => step(() => inner.removeAll(at)),
    }
  }

  get isDead(): boolean {
    return this.#left < 0
  }
}

test('a process that dies in any step leaves the old file or the new one', async () => {
  const next = new TextEncoder().encode('the next content')
  let steps = 0
  for (let isDead = true; isDead; steps += 1) {
    await blobs.removeAll({ ...place, kind: 'bucket' })
    const first = await (await startReplica()).store.write(place, 'v1', content)
    const dying = new DyingBlobs(blobs, steps)
    const temp = await createTempDirectory('dying-')
    closing.push(() => temp[Symbol.asyncDispose]())
    const store = createReplicatedStore({
      directory: temp.path,
      advertisedAddress: 'localhost',
      clock,
      blobs: dying.store,
    })
    let second: StoredArtifact | undefined
    try {
      await store.verify(first)
      second = await store.write(place, 'v2', next)
      await store.link(second, 'latest.tar.gz')
      await store.collectGarbage(second)
    } catch (error) {
      if (!(error instanceof ToolkitError)) throw error
    }
    isDead = dying.isDead
    // What the status of the object names is what it named before, or what was stored in whole.
    const named = second ?? first
    replica = await startReplica()
    const response = await fetch(`${replica.address}/${path}`)
    expect([response.status, await response.text()]).toEqual([
      200,
      named === first ? 'the content' : 'the next content',
    ])
    await replica.store.verify(named)
    await replica.store.collectGarbage(named)
    expect([...s3.objects.keys()].filter((key) => key.includes('/content/'))).toHaveLength(1)
  }
  expect(steps).toBeGreaterThan(4)
})

describe('an address', () => {
  test.for([
    ['s3://artifacts', { bucket: 'artifacts', prefix: '', endpoint: 's3.amazonaws.com', insecure: false }],
    [
      's3://artifacts/a/b/?endpoint=minio:9000&region=eu&insecure=true',
      { prefix: 'a/b/', endpoint: 'minio:9000', region: 'eu', insecure: true },
    ],
    ['oci://ghcr.io/org/artifacts', { registry: 'ghcr.io', repository: 'org/artifacts' }],
    ['oci://1.dkr.ecr.eu-west-1.amazonaws.com/x?provider=aws', { provider: 'aws' }],
  ] as const)('%s', ([url, want]) => {
    expect(parseBlobUrl(url)).toMatchObject(want)
  })

  test.for([
    '',
    'https://bucket/x',
    's3://',
    's3://A_B',
    's3://bucket/../x',
    's3://bucket?key=secret',
    'oci://host/repo:tag',
    'oci://host/Repo',
    'oci://host/repo?provider=ibm',
  ])('%j is none', (url) => {
    expect(() => parseBlobUrl(url)).toThrow(/^invalid address of a blob store: /)
  })
})
