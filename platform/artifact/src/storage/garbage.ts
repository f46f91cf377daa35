import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { temporaryPrefix } from '@sluice/host'

export type Retention = {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly ttlMs: number
  readonly records: number
}

/** Files that are looked at in one go; what is beyond waits for the next time. */
const maxFiles = 1000

type Candidate = { readonly path: string; readonly modifiedMs: number }

/**
 * Files beside `current` that retention does not keep, and what a crash left half written, once it is old. Links and locks
 * are no garbage.
 */
export async function garbageOf(current: string, retention: Retention): Promise<readonly string[]> {
  const files = await filesBeside(current)
  const { now, ttlMs } = retention
  const abandoned = files.filter(
    ({ path, modifiedMs }) => isTemporary(path) && path !== current && now - modifiedMs > ttlMs,
  )
  const stored = files.filter(({ path }) => !isTemporary(path))
  return [...abandoned.map(({ path }) => path), ...notKept(stored, current, retention)]
}

/**
 * Files that retention does not keep: those older than the time to live, and the oldest ones beyond the number of records.
 * `current` is kept whatever its age.
 *
 * Source: fluxcd/pkg artifact/storage gc.go.
 */
export function notKept(
  stored: readonly Candidate[],
  current: string,
  { now, ttlMs, records }: Retention,
): readonly string[] {
  const expired = stored.filter(({ path, modifiedMs }) => path !== current && now - modifiedMs > ttlMs)
  const oldestFirst = stored
    .filter((file) => file.path !== current && !expired.includes(file))
    .toSorted((a, b) => a.modifiedMs - b.modifiedMs)
  const surplus = Math.max(0, stored.length - expired.length - records)
  return [...expired, ...oldestFirst.slice(0, surplus)].map(({ path }) => path)
}

async function filesBeside(current: string): Promise<readonly Candidate[]> {
  const directory = dirname(current)
  const entries = (await readDirectory(directory)).filter(
    (entry) => entry.isFile() && !entry.name.endsWith('.lock'),
  )
  return Promise.all(
    entries.slice(0, maxFiles).map(async ({ name }) => {
      const path = join(directory, name)
      return { path, modifiedMs: (await lstat(path)).mtimeMs }
    }),
  )
}

async function readDirectory(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function isTemporary(path: string): boolean {
  return basename(path).startsWith(temporaryPrefix)
}
