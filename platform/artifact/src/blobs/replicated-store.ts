import {
  type ArtifactStore,
  type ArtifactStoreOptions,
  createArtifactStore,
  type StoredArtifact,
} from '../storage/artifact-store.ts'
import { notKept, type Retention } from '../storage/garbage.ts'
import type { BlobStore } from './blob-store.ts'
import { blobOf, ownerKey, type Presence, Replica, reach } from './replica.ts'

export type ReplicatedStoreOptions = ArtifactStoreOptions & {
  readonly blobs: BlobStore
  /** What the disk keeps of it. Default: 10 GiB. */
  readonly maxCacheBytes?: number
}

/** An artifact store whose files are kept outside, so that every replica can serve them. */
export type ReplicatedStore = ArtifactStore & {
  /**
   * Brings a file, or a link to one, to this replica's disk as it is now; `absent` when there is none. Paths that are no
   * file's are left alone.
   *
   * @throws {ArtifactError} when the store outside gives other content than it says, or cannot be reached.
   */
  readonly prepare: (path: string) => Promise<Presence>
}

/**
 * A store on disk that is a bounded cache of one outside. A file is outside before an artifact names it, so that whoever
 * reads the status of an object finds its artifact at every replica.
 *
 * Writing is for one process at a time, by the lease of its controller; any number may serve.
 */
export function createReplicatedStore({
  blobs,
  maxCacheBytes = 10 * 1024 ** 3,
  ...options
}: ReplicatedStoreOptions): ReplicatedStore {
  const { clock, retentionRecords = 2, retentionTtlMs = 60_000 } = options
  const disk = createArtifactStore(options)
  const replica = new Replica(disk, blobs, { ...options, maxCacheBytes })
  /** Owners that have nothing outside but what is current. */
  const swept = new Set<string>()
  const preparing = new Map<string, Promise<Presence>>()

  return {
    ...disk,
    archive: (place, revision, source) => {
      swept.delete(ownerKey(place))
      return replica.keep(place, () => disk.archive(place, revision, source))
    },
    write: (place, revision, content) => {
      swept.delete(ownerKey(place))
      return replica.keep(place, () => disk.write(place, revision, content))
    },
    has: async (artifact) => {
      if (await disk.has(artifact)) return true
      const blob = await reach(() => blobs.find(replica.placeOf(artifact.path)))
      return blob?.digest === artifact.digest
    },
    verify: (artifact) => replica.verify(artifact),
    read: ({ path, digest }) => replica.read(path, digest),
    remove: async (artifact) => {
      const place = replica.placeOf(artifact.path)
      await reach(() => blobs.remove(place, place.fileName))
      replica.forget(artifact.path)
      await disk.remove(artifact)
    },
    collectGarbage: async (current) => {
      const owner = ownerKey(replica.placeOf(current.path))
      const here = await disk.collectGarbage(current)
      for (const fileName of here) replica.forget(`${owner}/${fileName}`)
      if (swept.has(owner)) return here
      const retention = { now: clock.now(), ttlMs: retentionTtlMs, records: retentionRecords }
      const { removed, left } = await sweep(blobs, replica, { current, retention })
      if (left <= 1) swept.add(owner)
      return [...new Set([...here, ...removed])]
    },
    removeAll: async (owner) => {
      const wasOutside = await reach(() => blobs.removeAll({ ...owner, kind: owner.kind.toLowerCase() }))
      const wasHere = await disk.removeAll(owner)
      replica.forgetAll(owner)
      return wasHere || wasOutside
    },
    link: async (artifact, name) => {
      await reach(() => blobs.link(replica.placeOf(artifact.path), name, blobOf(artifact)))
      return disk.link(artifact, name)
    },
    prepare: (path) => {
      if (path.split('/').length !== 4) return Promise.resolve('present')
      const running = preparing.get(path) ?? replica.prepare(path).finally(() => preparing.delete(path))
      preparing.set(path, running)
      return running
    },
  }
}

/** Removes outside what retention does not keep, and what a crash left. */
async function sweep(
  blobs: BlobStore,
  replica: Replica,
  { current, retention }: { readonly current: StoredArtifact; readonly retention: Retention },
): Promise<{ readonly removed: readonly string[]; readonly left: number }> {
  const place = replica.placeOf(current.path)
  const names = await reach(() => blobs.list(place))
  const files = names
    .filter(({ name, blob }) => name === blob.fileName)
    .map(({ name, blob }) => ({ path: name, modifiedMs: blob.modifiedMs }))
  const garbage = new Set(notKept(files, place.fileName, retention))
  const gone = names.filter(({ blob }) => garbage.has(blob.fileName))
  await Promise.all(gone.map(({ name }) => reach(() => blobs.remove(place, name))))
  await reach(() => blobs.removeUnused(place))
  return { removed: [...garbage], left: files.length - garbage.size }
}
