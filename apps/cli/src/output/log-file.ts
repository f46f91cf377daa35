import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from '@sluice/ports'
import { loggerTo } from './process-logger.ts'

/** A file is put aside, in the place of the one before, when it would grow beyond this. */
const maxBytes = 8 * 1_024 * 1_024
/** Lines are held back until they are this long together, or this old. */
const heldBytes = 64 * 1_024
const flushEveryMs = 500

/** A log in a file. */
export type LogFile = {
  readonly logger: Logger
  /** Writes what is still held back. */
  readonly close: () => void
}

/** The path of the file before `path`. */
export function olderLogFile(path: string): string {
  return `${path}.1`
}

/** A log in a file that only its owner may read, at most twice {@link maxBytes} with the one before. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const open = (): number => openSync(path, 'a', 0o600)
  let file = open()
  let written = statSync(path).size
  let held: string[] = []
  let heldLength = 0
  let isOpen = true
  const flush = (): void => {
    if (held.length > 0) writeSync(file, held.join(''))
    held = []
    heldLength = 0
  }
  const write = (line: string): void => {
    // What ends after the process said its last words is nobody's concern.
    if (!isOpen) return
    const length = Buffer.byteLength(line)
    if (written + length > maxBytes) {
      flush()
      closeSync(file)
      renameSync(path, olderLogFile(path))
      file = open()
      written = 0
    }
    written += length
    held.push(line)
    heldLength += length
    if (heldLength > heldBytes) flush()
  }
  const timer = setInterval(flush, flushEveryMs).unref()
  return {
    logger: loggerTo({ write }, 'info'),
    close: () => {
      clearInterval(timer)
      flush()
      closeSync(file)
      isOpen = false
    },
  }
}
