import type { ArtifactOwner, Blob, BlobStore, NamedBlob } from '@sluice/artifact'
import { BucketError, type WritableBucket } from '@sluice/bucket'
import { BlobError } from './blob-error.ts'

/** An object that says what a name stands for. */
const maxRecordBytes = 16 * 1024
/** Names of one owner; a store that has more is not ours. */
const maxNames = 10_000

/**
 * Blobs in a bucket. Content lies under its digest, and for each name there is a small object that says which content it
 * stands for: replacing that is the one step in which a name changes.
 *
 * @param open gives the bucket with credentials that are good now.
 * @param prefix of all keys; empty, or with a slash at its end.
 */
export function bucketBlobs(open: () => Promise<WritableBucket>, prefix: string): BlobStore {
  const keyOf = (owner: ArtifactOwner, ...rest: readonly string[]): string =>
    prefix + [owner.kind, owner.namespace, owner.name, ...rest].map(encodeURIComponent).join('/')
  const recordKey = (owner: ArtifactOwner, name: string): string => keyOf(owner, 'names', name)
  const contentKey = (owner: ArtifactOwner, { digest }: Blob): string =>
    keyOf(owner, 'content', digest.replace(':', '-'))

  return {
    find: async (place) => {
      const bucket = await open()
      const record = await getIfThere(bucket, recordKey(place, place.fileName), maxRecordBytes)
      return record && decodeRecord(record)
    },
    list,
    fetch: async (owner, blob) => {
      const bucket = await open()
      const content = await getIfThere(bucket, contentKey(owner, blob), blob.size)
      if (content) return content
      throw new BlobError('BLOB_INVALID', `the content ${blob.digest} of '${blob.fileName}' is missing`)
    },
    put: async (owner, blob, content) => {
      const bucket = await open()
      await bucket.put(contentKey(owner, blob), content)
      await bucket.put(recordKey(owner, blob.fileName), encodeRecord(blob))
    },
    link: async (owner, name, blob) => (await open()).put(recordKey(owner, name), encodeRecord(blob)),
    remove: async (owner, name) => (await open()).remove(recordKey(owner, name)),
    removeUnused: async (owner) => {
      const bucket = await open()
      const used = new Set((await list(owner)).map(({ blob }) => contentKey(owner, blob)))
      for (const key of await keysBelow(bucket, `${keyOf(owner, 'content')}/`)) {
        // One after the other: mostly there is none.
        if (!used.has(key)) await bucket.remove(key)
      }
    },
    removeAll: async (owner) => {
      const bucket = await open()
      const keys = await keysBelow(bucket, `${keyOf(owner)}/`)
      // Names go first: nobody finds a name whose content is gone.
      for (const key of keys.toReversed()) await bucket.remove(key)
      return keys.length > 0
    },
  }

  async function list(owner: ArtifactOwner): Promise<readonly NamedBlob[]> {
    const bucket = await open()
    const start = `${keyOf(owner, 'names')}/`
    const keys = await keysBelow(bucket, start)
    const named = await Promise.all(
      keys.map(async (key) => {
        const record = await getIfThere(bucket, key, maxRecordBytes)
        return record && { name: decodeURIComponent(key.slice(start.length)), blob: decodeRecord(record) }
      }),
    )
    return named.filter((it) => it !== undefined)
  }
}

/** In the order of their keys: `content` before `names`. */
async function keysBelow(bucket: WritableBucket, prefix: string): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of bucket.list(prefix)) {
    keys.push(key)
    if (keys.length <= maxNames) continue
    throw new BlobError('BLOB_INVALID', `more than ${maxNames} objects of one owner`)
  }
  return keys
}

async function getIfThere(
  bucket: WritableBucket,
  key: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  try {
    return (await bucket.get(key, { maxBytes })).content
  } catch (error) {
    if (error instanceof BucketError && error.code === 'OBJECT_NOT_FOUND') return undefined
    throw error
  }
}

function encodeRecord({ fileName, digest, size, modifiedMs }: Blob): Uint8Array {
  const modified = new Date(modifiedMs).toISOString()
  return new TextEncoder().encode(JSON.stringify({ fileName, digest, size, modified }))
}

function decodeRecord(bytes: Uint8Array): Blob {
  const { fileName, digest, size, modified } = parse(bytes)
  const modifiedMs = Date.parse(String(modified))
  const isValid =
    typeof fileName === 'string' &&
    typeof digest === 'string' &&
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    size >= 0 &&
    !Number.isNaN(modifiedMs)
  if (!isValid) throw new BlobError('BLOB_INVALID', 'a record in the bucket is malformed')
  return { fileName, digest, size, modifiedMs }
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch (cause) {
    throw new BlobError('BLOB_INVALID', 'a record in the bucket is no JSON', { cause })
  }
}
