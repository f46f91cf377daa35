import type { OciDescriptor } from '../manifest.ts'
import { OciError } from '../oci-error.ts'
import { isOciDigest } from '../reference.ts'
import { digestLike } from './digest-like.ts'
import {
  type BlobUpload,
  defaultRegistryBounds,
  type RegistryBounds,
  type RegistryStore,
  type StoredManifest,
} from './registry-store.ts'

type Repository = {
  readonly manifests: Map<string, StoredManifest>
  /** Tag → digest. */
  readonly tags: Map<string, string>
  /** Digest of the subject → digest of the referrer → its descriptor. */
  readonly referrers: Map<string, Map<string, OciDescriptor>>
}

/** A store in memory. */
export function memoryRegistryStore(bounds: RegistryBounds = {}): RegistryStore {
  const { maxBlobBytes, maxTotalBytes } = { ...defaultRegistryBounds, ...bounds }
  const blobs = new Map<string, Uint8Array>()
  const repositories = new Map<string, Repository>()
  let totalBytes = 0

  return {
    blobSize: async (digest) => blobs.get(digest)?.length,
    readBlob: async function* (digest, { start, end }) {
      const content = blobs.get(digest)
      if (content) yield content.subarray(start, end + 1)
    },
    startUpload: async () => startUpload(),
    getManifest: async (name, reference) => {
      const repository = repositories.get(name)
      return repository?.manifests.get(repository.tags.get(reference) ?? reference)
    },
    putManifest: async (name, manifest, { digest, tag, referrer }) => {
      const repository = repositories.get(name) ?? newRepository()
      repositories.set(name, repository)
      repository.manifests.set(digest, manifest)
      if (tag !== undefined) repository.tags.set(tag, digest)
      if (referrer) {
        const known = repository.referrers.get(referrer.subject) ?? new Map<string, OciDescriptor>()
        repository.referrers.set(referrer.subject, known.set(digest, referrer.descriptor))
      }
    },
    deleteManifest: async (name, reference) => deleteManifest(repositories.get(name), reference),
    listTags: async (name) => {
      const repository = repositories.get(name)
      return repository && [...repository.tags.keys()].toSorted()
    },
    listRepositories: async () => [...repositories.keys()].toSorted(),
    listReferrers: async (name, digest) => [
      ...(repositories.get(name)?.referrers.get(digest)?.values() ?? []),
    ],
  }

  function startUpload(): BlobUpload {
    const chunks: Uint8Array[] = []
    let size = 0
    const release = (): void => {
      totalBytes -= size
      chunks.length = 0
    }
    return {
      size: () => size,
      append: async (content) => {
        for await (const chunk of content) {
          size += chunk.length
          totalBytes += chunk.length
          if (size > maxBlobBytes || totalBytes > maxTotalBytes) {
            throw new OciError('OCI_TOO_LARGE', 'upload is too large')
          }
          chunks.push(chunk)
        }
      },
      finish: async (digest) => {
        const content = Buffer.concat(chunks, size)
        const isRight = digestLike(digest, content) === digest
        if (!isRight || blobs.has(digest)) release()
        else blobs.set(digest, content)
        return isRight
      },
      abandon: async () => release(),
    }
  }
}

function newRepository(): Repository {
  return { manifests: new Map(), tags: new Map(), referrers: new Map() }
}

function deleteManifest(repository: Repository | undefined, reference: string): boolean {
  if (!repository) return false
  if (!isOciDigest(reference)) return repository.tags.delete(reference)
  for (const [tag, digest] of repository.tags) {
    if (digest === reference) repository.tags.delete(tag)
  }
  for (const known of repository.referrers.values()) known.delete(reference)
  return repository.manifests.delete(reference)
}
