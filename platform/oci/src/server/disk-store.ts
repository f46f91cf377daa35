import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OciDescriptor } from '../manifest.ts'
import { OciError } from '../oci-error.ts'
import { isOciDigest } from '../reference.ts'
import { algorithmOf } from './digest-like.ts'
import {
  type BlobUpload,
  defaultRegistryBounds,
  type ManifestNames,
  type RegistryBounds,
  type RegistryStore,
  type StoredManifest,
} from './registry-store.ts'

const chunkBytes = 64 * 1024

/**
 * A store on disk. Contents lie in `blobs/`; a repository's directory has a file a tag with the digest in it, a file a
 * manifest with its media type, and one a referrer with its descriptor. Names in it begin with `_`, which no repository's
 * does. Files appear whole, by renaming: a process that is killed leaves nothing but files in `uploads/`, which go when the
 * store is opened again.
 */
export async function diskRegistryStore(
  directory: string,
  bounds: RegistryBounds = {},
): Promise<RegistryStore> {
  const store = new DiskStore(directory, { ...defaultRegistryBounds, ...bounds })
  await store.open()
  return {
    blobSize: (digest) => sizeOf(store.blobPath(digest)),
    readBlob: (digest, { start, end }) =>
      createReadStream(store.blobPath(digest), { start, end, highWaterMark: chunkBytes }),
    startUpload: () => store.startUpload(),
    getManifest: (repository, reference) => store.getManifest(repository, reference),
    putManifest: (repository, manifest, names) => store.putManifest(repository, manifest, names),
    deleteManifest: (repository, reference) => store.deleteManifest(repository, reference),
    listTags: (repository) => store.listTags(repository),
    listRepositories: () => store.listRepositories(),
    listReferrers: (repository, digest) => store.listReferrers(repository, digest),
  }
}

class DiskStore {
  readonly #root: string
  readonly #bounds: Required<RegistryBounds>
  /** Of all blobs, those on their way in included. */
  #totalBytes = 0

  constructor(root: string, bounds: Required<RegistryBounds>) {
    this.#root = root
    this.#bounds = bounds
  }

  async open(): Promise<void> {
    await rm(this.#uploads, { recursive: true, force: true })
    await mkdir(this.#uploads, { recursive: true, mode: 0o700 })
    for (const algorithm of await namesIn(join(this.#root, 'blobs'))) {
      const blobs = join(this.#root, 'blobs', algorithm)
      const sizes = await Promise.all((await namesIn(blobs)).map((name) => sizeOf(join(blobs, name))))
      this.#totalBytes += sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
    }
  }

  get #uploads(): string {
    return join(this.#root, 'uploads')
  }

  blobPath(digest: string): string {
    return join(this.#root, 'blobs', ...digest.split(':'))
  }

  async startUpload(): Promise<BlobUpload> {
    const path = join(this.#uploads, randomUUID())
    const file = await open(path, 'wx', 0o600)
    let size = 0
    const abandon = async (): Promise<void> => {
      this.#totalBytes -= size
      await file.close()
      await rm(path, { force: true })
    }
    return {
      size: () => size,
      append: async (content) => {
        for await (const chunk of content) {
          size += chunk.length
          this.#totalBytes += chunk.length
          const { maxBlobBytes, maxTotalBytes } = this.#bounds
          if (size > maxBlobBytes || this.#totalBytes > maxTotalBytes) {
            throw new OciError('OCI_TOO_LARGE', 'upload is too large')
          }
          await file.writeFile(chunk)
        }
      },
      finish: async (digest) => {
        const isRight = (await digestOfFile(path, algorithmOf(digest))) === digest
        const isNew = isRight && (await sizeOf(this.blobPath(digest))) === undefined
        if (isNew) await this.#keep(file, path, digest)
        else await abandon()
        return isRight
      },
      abandon,
    }
  }

  async #keep(file: FileHandle, path: string, digest: string): Promise<void> {
    await file.close()
    const target = this.blobPath(digest)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await rename(path, target)
  }

  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = isOciDigest(reference)
      ? reference
      : await readText(join(this.#directory(repository, '_tags'), reference))
    if (digest === undefined || !isOciDigest(digest)) return undefined
    const mediaType = await readText(join(this.#directory(repository, '_manifests'), fileName(digest)))
    if (mediaType === undefined) return undefined
    return { mediaType, content: await readFile(this.blobPath(digest)) }
  }

  async putManifest(
    repository: string,
    { mediaType, content }: StoredManifest,
    { digest, tag, referrer }: ManifestNames,
  ): Promise<void> {
    const upload = await this.startUpload()
    await upload.append([content])
    await upload.finish(digest)
    await this.#write(join(this.#directory(repository, '_manifests'), fileName(digest)), mediaType)
    if (referrer) {
      const list = this.#directory(repository, '_referrers', fileName(referrer.subject))
      await this.#write(join(list, fileName(digest)), JSON.stringify(referrer.descriptor))
    }
    // A tag comes last: what it leads to is there then.
    if (tag !== undefined) await this.#write(join(this.#directory(repository, '_tags'), tag), digest)
  }

  async deleteManifest(repository: string, reference: string): Promise<boolean> {
    const tags = this.#directory(repository, '_tags')
    if (!isOciDigest(reference)) return remove(join(tags, reference))
    for (const tag of await namesIn(tags)) {
      if ((await readText(join(tags, tag))) === reference) await remove(join(tags, tag))
    }
    const referrers = this.#directory(repository, '_referrers')
    for (const subject of await namesIn(referrers)) {
      await remove(join(referrers, subject, fileName(reference)))
    }
    return remove(join(this.#directory(repository, '_manifests'), fileName(reference)))
  }

  async listTags(repository: string): Promise<readonly string[] | undefined> {
    const isKnown = (await sizeOf(this.#directory(repository, '_manifests'))) !== undefined
    return isKnown ? (await namesIn(this.#directory(repository, '_tags'))).toSorted() : undefined
  }

  async listRepositories(): Promise<readonly string[]> {
    const found: string[] = []
    const walk = async (name: string): Promise<void> => {
      for (const part of await namesIn(this.#directory(name))) {
        if (part === '_manifests') found.push(name)
        if (!part.startsWith('_')) await walk(name === '' ? part : `${name}/${part}`)
      }
    }
    await walk('')
    return found.toSorted()
  }

  async listReferrers(repository: string, digest: string): Promise<readonly OciDescriptor[]> {
    const list = this.#directory(repository, '_referrers', fileName(digest))
    const texts = await Promise.all(
      (await namesIn(list)).toSorted().map((name) => readText(join(list, name))),
    )
    return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as OciDescriptor]))
  }

  #directory(repository: string, ...names: readonly string[]): string {
    return join(this.#root, 'repositories', ...repository.split('/'), ...names)
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const temporary = join(this.#uploads, randomUUID())
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, path)
  }
}

/** A digest as the name of a file: `sha256-<hex>`. */
function fileName(digest: string): string {
  return digest.replace(':', '-')
}

async function digestOfFile(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return `${algorithm}:${hash.digest('hex')}`
}

async function sizeOf(path: string): Promise<number | undefined> {
  return ifThere(async () => (await stat(path)).size)
}

async function readText(path: string): Promise<string | undefined> {
  return ifThere(() => readFile(path, 'utf8'))
}

async function namesIn(path: string): Promise<readonly string[]> {
  return (await ifThere(() => readdir(path))) ?? []
}

async function remove(path: string): Promise<boolean> {
  return (await ifThere(() => rm(path).then(() => true))) ?? false
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
