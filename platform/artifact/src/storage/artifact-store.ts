import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeTar } from '@sluice/go'
import { gzip, temporaryPrefix } from '@sluice/host'
import type { Clock, FileTree } from '@sluice/ports'
import { ArtifactError } from '../artifact-error.ts'
import { algorithmOf, type DigestAlgorithm } from '../digest.ts'
import { type IgnoreFilter, ignoreFilter } from '../ignore/source-ignore.ts'
import { archiveEntries } from './archive-entries.ts'
import { garbageOf } from './garbage.ts'
import {
  digestOfFile,
  kindAt,
  pointTo,
  readStoredFile,
  removeStoredFile,
  writeStoredFile,
} from './stored-file.ts'

/** A file in the store, in the form of `status.artifact`. */
export type StoredArtifact = {
  /** Relative to the root of the store. */
  readonly path: string
  readonly url: string
  readonly revision: string
  readonly digest: string
  /** RFC 3339 with second precision. */
  readonly lastUpdateTime: string
  /** Bytes. */
  readonly size: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** Where an artifact will be. */
export type ArtifactPlace = {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly fileName: string
}

/** The object whose artifacts are meant. */
export type ArtifactOwner = Omit<ArtifactPlace, 'fileName'>

export type ArtifactStoreOptions = {
  /** Root directory; made when absent. */
  readonly directory: string
  /** Host and port under which {@link artifactHandler} is reached, for URLs. */
  readonly advertisedAddress: string
  readonly clock: Clock
  readonly digestAlgorithm?: DigestAlgorithm
  /** Files of one object that are kept, the current one included. Default: `2`. */
  readonly retentionRecords?: number
  /** Age in milliseconds at which files other than the current one go. Default: `60_000`. */
  readonly retentionTtlMs?: number
}

/** What an archive is made from. */
export type ArchiveSource = { readonly tree: FileTree; readonly isExcluded?: IgnoreFilter }

/** Files that controllers fetch, one directory an object. */
export type ArtifactStore = {
  /** Path and URL of a place, before there is anything. */
  readonly locate: (place: ArtifactPlace) => { readonly path: string; readonly url: string }
  /** Packs a tree as tar.gz. The name holds the old file or the new one, never half of it. */
  readonly archive: (place: ArtifactPlace, revision: string, source: ArchiveSource) => Promise<StoredArtifact>
  /** Stores bytes as they are. */
  readonly write: (
    place: ArtifactPlace,
    revision: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ) => Promise<StoredArtifact>
  /** Whether the file is there. */
  readonly has: (artifact: StoredArtifact) => Promise<boolean>
  /** @throws {ArtifactError} when the file is missing or is not what its digest says. */
  readonly verify: (artifact: StoredArtifact) => Promise<void>
  /** The file, and where replicas share it the one with the digest that is given. @throws {ArtifactError} */
  readonly read: (
    artifact: Pick<StoredArtifact, 'path'> & { readonly digest?: string },
  ) => Promise<Uint8Array>
  readonly remove: (artifact: StoredArtifact) => Promise<void>
  /** Removes what retention does not keep and gives the names of what it removed. */
  readonly collectGarbage: (current: StoredArtifact) => Promise<readonly string[]>
  /** Removes all files of an object. Whether there was anything. */
  readonly removeAll: (owner: ArtifactOwner) => Promise<boolean>
  /** Lets `name` beside the artifact point to it; the URL of that. */
  readonly link: (artifact: StoredArtifact, name: string) => Promise<string>
  /** The artifact with the URL that it has today: addresses change. */
  readonly restamp: (artifact: StoredArtifact) => StoredArtifact
  /** The same for the URL of a link. */
  readonly restampUrl: (url: string) => string
}

/** The store on disk, in Flux's layout: `<kind>/<namespace>/<name>/<file>`. */
export function createArtifactStore(options: ArtifactStoreOptions): ArtifactStore {
  const { directory, clock, advertisedAddress, digestAlgorithm = 'sha256' } = options
  const { retentionRecords = 2, retentionTtlMs = 60_000 } = options
  const urlOf = (path: string): string => `http://${advertisedAddress}/${path}`
  const diskPath = (path: string): string => join(directory, checkPath(path))

  return {
    locate,
    archive: (place, revision, { tree, isExcluded = ignoreFilter('') }) =>
      store(place, revision, gzip(writeTar(archiveEntries(tree, isExcluded)))),
    write: (place, revision, content) =>
      store(place, revision, content instanceof Uint8Array ? [content] : content),
    has: async ({ path }) => (await kindAt(diskPath(path))) === 'file',
    verify: async ({ path, digest }) => {
      if ((await digestOfFile(diskPath(path), algorithmOf(digest))) !== digest) {
        throw new ArtifactError('ARTIFACT_DIGEST_MISMATCH', `computed digest doesn't match '${digest}'`)
      }
    },
    read: async ({ path }) => readStoredFile(diskPath(path)),
    remove: async ({ path }) => removeStoredFile(diskPath(path)),
    collectGarbage: async (current) => {
      const path = diskPath(current.path)
      const garbage = await garbageOf(path, {
        now: clock.now(),
        ttlMs: retentionTtlMs,
        records: retentionRecords,
      })
      await Promise.all(garbage.map(removeStoredFile))
      return garbage.map((file) => basename(file))
    },
    removeAll: async (owner) => {
      const { path } = locate({ ...owner, fileName: 'any' })
      const at = dirname(diskPath(path))
      const existed = (await kindAt(at)) === 'directory'
      await rm(at, { recursive: true, force: true })
      return existed
    },
    link: async ({ path }, name) => {
      const target = diskPath(path)
      await pointTo(join(dirname(target), checkName(name)), basename(target))
      return urlOf(`${dirname(path)}/${name}`)
    },
    restamp: (artifact) => {
      const url = urlOf(artifact.path)
      return url === artifact.url ? artifact : { ...artifact, url }
    },
    restampUrl: (url) => urlOf(url.replace(/^[a-z]+:\/\/[^/]*\//, '')),
  }

  function locate({ kind, namespace, name, fileName }: ArtifactPlace): { path: string; url: string } {
    const path = [kind.toLowerCase(), namespace, name, fileName].map(checkName).join('/')
    return { path, url: urlOf(path) }
  }

  async function store(
    place: ArtifactPlace,
    revision: string,
    content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<StoredArtifact> {
    const { path, url } = locate(place)
    const now = clock.now()
    const written = await writeStoredFile(diskPath(path), content, { digestAlgorithm, modifiedMs: now })
    const lastUpdateTime = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
    return { path, url, revision, lastUpdateTime, ...written }
  }
}

/** Paths come back from the status of objects, which others can write. */
function checkPath(path: string): string {
  path.split('/').forEach(checkName)
  return path
}

function checkName(name: string): string {
  if (
    name === '' ||
    name === '.' ||
    name === '..' ||
    /[/\\\0]/.test(name) ||
    name.startsWith(temporaryPrefix)
  ) {
    throw new ArtifactError('ARTIFACT_INVALID', `invalid name in artifact path: ${JSON.stringify(name)}`)
  }
  return name
}
