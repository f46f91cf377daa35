import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Names of files that a crash may leave behind begin so; whoever cleans a directory may delete them. */
export const temporaryPrefix = '.tmp-'

export type AtomicWriteOptions = {
  /** Permission bits. */
  readonly mode?: number
  /** Wait until the disk has the bytes, and the name: for what must survive a power failure. */
  readonly durable?: boolean
}

/**
 * Writes a file so that its name holds the old content or the whole new one, at every moment and after a crash.
 *
 * `write` gets the open file under a temporary name in the same directory; when it has returned, the file takes its
 * name; when it throws, nothing has changed.
 */
export async function writeAtomically<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  { mode = 0o600, durable = true }: AtomicWriteOptions = {},
): Promise<T> {
  const directory = dirname(path)
  const name = `${temporaryPrefix}${basename(path).slice(0, 100)}-${randomBytes(6).toString('hex')}`
  const temporary = join(directory, name)
  try {
    const result = await writeNew(temporary, write, { mode, durable })
    await rename(temporary, path)
    if (durable) await syncDirectory(directory)
    return result
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeNew<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  { mode, durable }: Required<AtomicWriteOptions>,
): Promise<T> {
  const file = await open(path, 'wx', mode)
  try {
    const result = await write(file)
    if (durable) await file.datasync()
    return result
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
