import { join } from 'node:path'
import { ToolkitError } from '@sluice/ports'
import { ArtifactError } from '../artifact-error.ts'
import { algorithmOf, hasDigest } from '../digest.ts'
import type {
  ArtifactOwner,
  ArtifactPlace,
  ArtifactStore,
  ArtifactStoreOptions,
  StoredArtifact,
} from '../storage/artifact-store.ts'
import { digestOfFile, kindAt, writeStoredFile } from '../storage/stored-file.ts'
import type { Blob, BlobStore } from './blob-store.ts'
import { type FileCache, fileCache } from './file-cache.ts'

/** Largest file that is taken from outside. */
const maxBlobBytes = 1024 ** 3

export type Presence = 'present' | 'absent'

/** What this replica has on its disk of what is kept outside, and how the two are brought together. */
export class Replica {
  readonly #disk: ArtifactStore
  readonly #blobs: BlobStore
  readonly #options: ArtifactStoreOptions
  readonly #cache: FileCache
  /** Digests of files on the disk by path. */
  readonly #digests = new Map<string, string>()
  /** What is known to be outside, as `path@digest`. */
  readonly #mirrored = new Set<string>()
  /** Paths that are being written here. */
  readonly #writing = new Set<string>()

  constructor(
    disk: ArtifactStore,
    blobs: BlobStore,
    options: ArtifactStoreOptions & { readonly maxCacheBytes: number },
  ) {
    this.#disk = disk
    this.#blobs = blobs
    this.#options = options
    const { maxCacheBytes: maxBytes, clock } = options
    this.#cache = fileCache(options.directory, { maxBytes, now: () => clock.now() })
  }

  /** Makes a file on the disk and puts it outside. */
  async keep(place: ArtifactPlace, make: () => Promise<StoredArtifact>): Promise<StoredArtifact> {
    const { path } = this.#disk.locate(place)
    this.#writing.add(path)
    try {
      const stored = await make()
      this.#digests.set(path, stored.digest)
      await this.#mirror(stored)
      return stored
    } finally {
      this.#writing.delete(path)
      await this.#cache.used(this.#at(path))
    }
  }

  /** @throws {ArtifactError} when neither place has the file as its digest says. */
  async verify(artifact: StoredArtifact): Promise<void> {
    const { path, digest } = artifact
    if (await this.#isIntact(artifact)) {
      this.#digests.set(path, digest)
      await this.#cache.used(this.#at(path))
      await this.#mirrorAgain(artifact)
      return
    }
    const blob = await this.#wanted(path, digest)
    // What is not on the disk is fetched when somebody asks for it.
    if (await this.#disk.has(artifact)) await this.#restore(path, blob)
  }

  async read(path: string, digest: string | undefined): Promise<Uint8Array> {
    if ((await kindAt(this.#at(path))) === 'file') {
      const content = await this.#disk.read({ path })
      if (digest === undefined || hasDigest(content, digest)) return content
    }
    await this.#restore(path, await this.#wanted(path, digest))
    return this.#disk.read({ path })
  }

  /** See `prepare` of the store. */
  async prepare(path: string): Promise<Presence> {
    const place = this.placeOf(path)
    if (this.#writing.has(path)) return 'present'
    let blob: Blob | undefined
    try {
      blob = await reach(() => this.#blobs.find(place))
    } catch (error) {
      // Whoever fetches checks the digest: what is here may do.
      if ((await kindAt(this.#at(path))) !== undefined) return 'present'
      throw error
    }
    if (!blob) return this.#writing.has(path) ? 'present' : 'absent'
    const { fileName, ...rest } = blob
    const target = this.#disk.locate({ ...place, fileName }).path
    if ((await this.#digestHere(target, blob.digest)) === blob.digest) {
      await this.#cache.used(this.#at(target))
    } else if (!this.#writing.has(target)) {
      await this.#restore(target, blob)
    }
    if (target !== path) {
      const linked = { ...rest, path: target, url: '', revision: '', lastUpdateTime: '' }
      await this.#disk.link(linked, place.fileName)
    }
    return 'present'
  }

  forget(path: string): void {
    this.#mirrored.delete(`${path}@${this.#digests.get(path)}`)
    this.#digests.delete(path)
    this.#cache.forget(this.#at(path))
  }

  forgetAll(owner: ArtifactOwner): void {
    const prefix = `${ownerKey(owner)}/`
    for (const path of this.#digests.keys()) if (path.startsWith(prefix)) this.forget(path)
  }

  /** A path comes from addresses and from the status of objects: its names are checked where a place is located. */
  placeOf(path: string): ArtifactPlace {
    const [kind = '', namespace = '', name = '', fileName = ''] = path.split('/')
    this.#disk.locate({ kind, namespace, name, fileName })
    return { kind, namespace, name, fileName }
  }

  async #mirror(artifact: StoredArtifact): Promise<void> {
    const content = await this.#disk.read(artifact)
    await reach(() => this.#blobs.put(this.placeOf(artifact.path), blobOf(artifact), content))
    this.#mirrored.add(`${artifact.path}@${artifact.digest}`)
  }

  async #isIntact(artifact: StoredArtifact): Promise<boolean> {
    if (!(await this.#disk.has(artifact))) return false
    try {
      await this.#disk.verify(artifact)
      return true
    } catch (error) {
      if (error instanceof ArtifactError && error.code === 'ARTIFACT_DIGEST_MISMATCH') return false
      throw error
    }
  }

  /** What got lost outside goes there again; each process looks once. */
  async #mirrorAgain(artifact: StoredArtifact): Promise<void> {
    const { path, digest } = artifact
    if (this.#mirrored.has(`${path}@${digest}`)) return
    const blob = await reach(() => this.#blobs.find(this.placeOf(path)))
    if (blob?.digest === digest) this.#mirrored.add(`${path}@${digest}`)
    else await this.#mirror(artifact)
  }

  /** What is outside under a path. @throws {ArtifactError} when that is nothing, or not what is wanted. */
  async #wanted(path: string, digest: string | undefined): Promise<Blob> {
    const blob = await reach(() => this.#blobs.find(this.placeOf(path)))
    if (!blob) throw new ArtifactError('ARTIFACT_NOT_FOUND', 'file not found')
    if (digest !== undefined && blob.digest !== digest) throw mismatch(digest)
    return blob
  }

  async #restore(path: string, blob: Blob): Promise<void> {
    if (blob.size > maxBlobBytes) {
      throw new ArtifactError('ARTIFACT_TOO_LARGE', `artifact is greater than ${maxBlobBytes} bytes`)
    }
    const content = await reach(() => this.#blobs.fetch(this.placeOf(path), blob))
    if (content.length !== blob.size || !hasDigest(content, blob.digest)) throw mismatch(blob.digest)
    const { digestAlgorithm = 'sha256' } = this.#options
    await writeStoredFile(this.#at(path), [content], { digestAlgorithm, modifiedMs: blob.modifiedMs })
    this.#digests.set(path, blob.digest)
    this.#mirrored.add(`${path}@${blob.digest}`)
    await this.#cache.used(this.#at(path))
  }

  async #digestHere(path: string, like: string): Promise<string | undefined> {
    if ((await kindAt(this.#at(path))) !== 'file') return undefined
    const known = this.#digests.get(path)
    if (known !== undefined) return known
    const digest = await digestOfFile(this.#at(path), algorithmOf(like))
    this.#digests.set(path, digest)
    return digest
  }

  #at(path: string): string {
    return join(this.#options.directory, path)
  }
}

/** An owner in the words of paths. */
export function ownerKey({ kind, namespace, name }: ArtifactOwner): string {
  return [kind.toLowerCase(), namespace, name].join('/')
}

export function blobOf({ path, digest, size, lastUpdateTime }: StoredArtifact): Blob {
  return { fileName: path.replace(/^.*\//, ''), digest, size, modifiedMs: Date.parse(lastUpdateTime) }
}

/** Asks the store outside. @throws {ArtifactError} `ARTIFACT_UNREACHABLE` */
export async function reach<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof ToolkitError) || cause instanceof ArtifactError) throw cause
    throw new ArtifactError('ARTIFACT_UNREACHABLE', 'artifact storage is not available', { cause })
  }
}

function mismatch(digest: string): ArtifactError {
  return new ArtifactError('ARTIFACT_DIGEST_MISMATCH', `computed digest doesn't match '${digest}'`)
}
