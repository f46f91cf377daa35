import type { Dirent } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { temporaryPrefix } from '@sluice/host'
import { removeStoredFile } from '../storage/stored-file.ts'

/** Keeps the files below a directory within a bound; the one that was not used for longest goes first. */
export type FileCache = {
  /** Says that a file was written or read, and makes room if there is none. */
  readonly used: (path: string) => Promise<void>
  readonly forget: (path: string) => void
}

/** What a process that was killed left half written goes after this time. */
const abandonedMs = 3_600_000

/**
 * @param directory whose files are all kept elsewhere too, or are of no use.
 * @param now milliseconds since the epoch
 */
export function fileCache(
  directory: string,
  { maxBytes, now }: { readonly maxBytes: number; readonly now: () => number },
): FileCache {
  /** Sizes by path, the least recently used first. */
  const sizes = new Map<string, number>()
  let totalBytes = 0
  let scanning: Promise<void> | undefined

  return {
    used: async (path) => {
      scanning ??= scan()
      await scanning
      forget(path)
      const size = await sizeOf(path)
      if (size === undefined) return
      sizes.set(path, size)
      totalBytes += size
      await makeRoom(path)
    },
    forget,
  }

  function forget(path: string): void {
    totalBytes -= sizes.get(path) ?? 0
    sizes.delete(path)
  }

  async function makeRoom(kept: string): Promise<void> {
    for (const path of sizes.keys()) {
      if (totalBytes <= maxBytes) return
      if (path === kept) continue
      forget(path)
      // One after the other, until there is room.
      await removeStoredFile(path)
    }
  }

  /** What an earlier process left: files count as used when they were last written. */
  async function scan(): Promise<void> {
    const found: { readonly path: string; readonly size: number; readonly modifiedMs: number }[] = []
    for (const entry of await entriesBelow(directory)) {
      const path = join(entry.parentPath, entry.name)
      if (!entry.isFile() || entry.name.endsWith('.lock')) continue
      const { size, mtimeMs } = await stat(path)
      const isTemporary = entry.name.startsWith(temporaryPrefix)
      if (isTemporary && now() - mtimeMs > abandonedMs) await rm(path, { force: true })
      else if (!isTemporary && depthOf(path) === storedDepth) found.push({ path, size, modifiedMs: mtimeMs })
    }
    for (const { path, size } of found.toSorted((a, b) => a.modifiedMs - b.modifiedMs)) {
      sizes.set(path, size)
      totalBytes += size
    }
  }

  function depthOf(path: string): number {
    return relative(directory, path).split(sep).length
  }
}

/** `<kind>/<namespace>/<name>/<file>` */
const storedDepth = 4

async function entriesBelow(directory: string): ReturnType<typeof readAll> {
  try {
    return await readAll(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readAll(directory: string): Promise<Dirent[]> {
  return readdir(directory, { recursive: true, withFileTypes: true })
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
