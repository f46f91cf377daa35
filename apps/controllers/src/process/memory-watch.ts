import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Clock, Logger } from '@sluice/ports'
import { FlagError } from '../flags/flag-error.ts'
import type { FlagValues } from '../flags/flag-values.ts'

/** When a process is to stop for want of memory. */
export type MemoryWatchOptions = {
  readonly maxPath: string
  readonly currentPath: string
  /** Percent of the limit. */
  readonly threshold: number
  readonly intervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly readText?: (path: string) => Promise<string>
}

const shortestIntervalMs = 50
const controlGroups = '/sys/fs/cgroup'
/** Of the second and the first version of control groups. */
const maxFiles = ['memory.max', 'memory/memory.limit_in_bytes']
const currentFiles = ['memory.current', 'memory/memory.usage_in_bytes']

/** By the flags of the helm controller. @throws {FlagError} when they make no sense on this machine. */
export function memoryWatchOptions(
  flags: FlagValues,
  ports: Pick<MemoryWatchOptions, 'clock' | 'log'>,
): MemoryWatchOptions {
  const threshold = flags.number('oom-watch-memory-threshold')
  const intervalMs = flags.ms('oom-watch-interval')
  if (threshold < 1) {
    throw invalid(`memory usage percent threshold must be between 1 and 100, got ${threshold}`)
  }
  if (intervalMs < shortestIntervalMs) throw invalid(`interval must be at least 50ms, got ${intervalMs}ms`)
  return {
    ...ports,
    threshold,
    intervalMs,
    maxPath: flags.text('oom-watch-max-memory-path') || discover(maxFiles, 'max'),
    currentPath: flags.text('oom-watch-current-memory-path') || discover(currentFiles, 'current'),
  }
}

/**
 * Looks at the memory in use now and then, until `signal` aborts.
 *
 * @returns whether the process has come so near to its limit that it had better stop in good order.
 */
export async function memoryRunsOut(options: MemoryWatchOptions, signal: AbortSignal): Promise<boolean> {
  const { clock, log, threshold, intervalMs } = options
  const { readText = (path) => readFile(path, 'utf8') } = options
  const limit = bytesIn(await readText(options.maxPath))
  // A group without limit says so by a word.
  if (limit === undefined) return false
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch(() => undefined)
    if (signal.aborted) break
    const current = bytesIn(await readText(options.currentPath)) ?? 0
    if ((current / limit) * 100 >= threshold) {
      log.info('memory usage is near the limit, shutting down', { current, limit })
      return true
    }
  }
  return false
}

function bytesIn(text: string): number | undefined {
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined
}

function discover(names: readonly string[], what: string): string {
  const found = names.map((name) => `${controlGroups}/${name}`).find((path) => existsSync(path))
  if (found === undefined) {
    throw invalid(`failed to discover ${what} memory path, please specify it manually`)
  }
  return found
}

function invalid(message: string): FlagError {
  return new FlagError('FLAG_INVALID', message)
}
