import { type FileHandle, lstat, mkdir, open, readlink, rename, rm, symlink, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { temporaryPrefix, writeAtomically } from '@sluice/host'
import { ArtifactError } from '../artifact-error.ts'
import { type DigestAlgorithm, startDigest } from '../digest.ts'

export type StoredFileOptions = {
  readonly digestAlgorithm: DigestAlgorithm
  /** The file's time, in milliseconds since the epoch. */
  readonly modifiedMs: number
}

/** Writes a file of the store, with its directory, and says what was written. */
export async function writeStoredFile(
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { digestAlgorithm, modifiedMs }: StoredFileOptions,
): Promise<{ readonly digest: string; readonly size: number }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 })
  await lockFile(path)
  const digest = startDigest(digestAlgorithm)
  const write = async (file: FileHandle): Promise<number> => {
    let size = 0
    for await (const chunk of content) {
      digest.hash.update(chunk)
      size += chunk.length
      await file.writeFile(chunk)
    }
    return size
  }
  // What a power failure loses is fetched again: the digest is checked before an artifact is served.
  const size = await writeAtomically(path, write, { durable: false })
  await utimes(path, modifiedMs / 1000, modifiedMs / 1000)
  return { digest: digest.finish(), size }
}

/** @throws {ArtifactError} `ARTIFACT_NOT_FOUND` */
export async function digestOfFile(path: string, algorithm: DigestAlgorithm): Promise<string> {
  const digest = startDigest(algorithm)
  const file = await openExisting(path)
  // The stream closes the file at its end.
  for await (const chunk of file.createReadStream()) digest.hash.update(chunk as Uint8Array)
  return digest.finish()
}

/** @throws {ArtifactError} `ARTIFACT_NOT_FOUND` */
export async function readStoredFile(path: string): Promise<Uint8Array> {
  const file = await openExisting(path)
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/**
 * Each file has an empty one beside it that Flux's controllers lock. Here one process at a time works on an object, by its
 * queue and its lease; the file keeps the volume as Flux expects to find it.
 */
async function lockFile(target: string): Promise<void> {
  const file = await open(`${target}.lock`, 'a', 0o600)
  await file.close()
}

/** Removes a file and its lock. */
export async function removeStoredFile(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}.lock`, { force: true })
}

/** Makes or moves a symbolic link, at no moment without one. */
export async function pointTo(link: string, target: string): Promise<void> {
  if ((await readLinkIfAny(link)) === target) return
  const temporary = join(dirname(link), `${temporaryPrefix}${basename(link)}`)
  await rm(temporary, { force: true })
  await symlink(target, temporary)
  await rename(temporary, link)
}

async function readLinkIfAny(path: string): Promise<string | undefined> {
  return (await kindAt(path)) === 'link' ? readlink(path) : undefined
}

async function openExisting(path: string): Promise<FileHandle> {
  if ((await kindAt(path)) !== 'file') throw new ArtifactError('ARTIFACT_NOT_FOUND', `file not found`)
  return open(path, 'r')
}

/** What stands at a path; links are not followed. */
export async function kindAt(path: string): Promise<'file' | 'directory' | 'link' | undefined> {
  try {
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) return 'link'
    return stats.isDirectory() ? 'directory' : 'file'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
