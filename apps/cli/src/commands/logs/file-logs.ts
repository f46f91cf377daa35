import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CommandContext } from '../../command-context.ts'
import { olderLogFile } from '../../output/log-file.ts'
import { processLogPath } from '../../up/state-directory.ts'
import type { LogRange, LogsFlags } from '../logs.ts'
import { type PrintLine, timeOf } from './log-entry.ts'

const pollMs = 500

type Parts = {
  readonly context: CommandContext
  readonly flags: LogsFlags
  readonly range: LogRange
  readonly print: PrintLine
}

/** Prints the log of the process that runs the embedded cluster; false when there is none. */
export async function fileLogs({ context, flags, range, print }: Parts): Promise<boolean> {
  const kubeconfig = flags.kubeconfig ?? join(context.workingDirectory, '.sluice', 'kubeconfig')
  const path = join(dirname(kubeconfig), ...processLogPath)
  if (!existsSync(path)) return false
  const older = existsSync(olderLogFile(path)) ? await readFile(olderLogFile(path), 'utf8') : ''
  const current = await readFile(path, 'utf8')
  // What is written at this moment may lack its end.
  const end = current.lastIndexOf('\n') + 1
  const lines = `${older}${current.slice(0, end)}`.split('\n').filter((line) => line !== '')
  const recent = range.tail === undefined || range.tail < 0 ? lines : lastOf(lines, range.tail)
  for (const line of recent) {
    if (isOld(line, range)) continue
    if (!print(line)) return true
  }
  if (range.follow) await follow(path, Buffer.byteLength(current.slice(0, end)), { context, range, print })
  return true
}

function lastOf(lines: readonly string[], count: number): readonly string[] {
  return count === 0 ? [] : lines.slice(-count)
}

function isOld(line: string, { since }: LogRange): boolean {
  return since !== undefined && (timeOf(line) ?? since) < since
}

/** Prints what is written after `offset`, until the person has seen enough. */
async function follow(
  path: string,
  offset: number,
  { context, range, print }: Omit<Parts, 'flags'>,
): Promise<void> {
  let at = offset
  let rest = Buffer.alloc(0)
  while (!range.signal.aborted) {
    const { bytes, size } = await readFrom(path, at)
    // A shorter file is a new one.
    at = size < at ? 0 : at + bytes.length
    rest = Buffer.concat([rest, bytes])
    const end = rest.lastIndexOf(10) + 1
    for (const line of rest.subarray(0, end).toString('utf8').split('\n')) {
      if (line !== '' && !print(line)) return
    }
    rest = rest.subarray(end)
    if (bytes.length === 0) await context.clock.sleep(pollMs, range.signal).catch(() => undefined)
  }
}

async function readFrom(path: string, offset: number): Promise<{ bytes: Buffer; size: number }> {
  if (!existsSync(path)) return { bytes: Buffer.alloc(0), size: 0 }
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.max(0, size - offset))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
    return { bytes: bytes.subarray(0, bytesRead), size }
  } finally {
    await file.close()
  }
}
