import { open, rename, rm } from 'node:fs/promises'
import type { KubeObject, Logger } from '@sluice/ports'
import type { Journal } from '../object-store.ts'
import { StorageError, type StorageEvent } from '../storage.ts'
import { encodeFrame, fileHeader, fileHeaderBytes } from './frame.ts'
import type { LogFile, OpenLogFile } from './log-file.ts'
import { encodeChanges, encodeSnapshot } from './records.ts'
import { fileName, filesIn } from './recover.ts'

export type JournalOptions = {
  readonly directory: string
  readonly openFile: OpenLogFile
  readonly log: Logger
  /** A snapshot is made when the log is larger than this and than the last snapshot. */
  readonly snapshotBytes: number
  /** The log to go on with. */
  readonly file: LogFile
  readonly position: number
  readonly revision: number
  readonly lastSnapshotBytes: number
}

type Waiting = {
  readonly events: StorageEvent[]
  readonly done: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Everything as of a revision. */
export type State = { readonly revision: number; readonly objects: (readonly [string, KubeObject])[] }

/** Writes changes to an append-only log, all that wait at a time with one sync, and snapshots when it grows. */
export class FileJournal implements Journal {
  readonly #options: JournalOptions
  #file: LogFile
  #position: number
  #writtenRevision: number
  #snapshotSize: number
  #waiting: Waiting | undefined
  #flushing: Promise<void> | undefined
  #snapshotting: Promise<void> | undefined
  #readState: (() => State) | undefined
  /** Set when a failed write may have left something behind the end. */
  #dirtyTail = false

  constructor(options: JournalOptions) {
    this.#options = options
    this.#file = options.file
    this.#position = options.position
    this.#writtenRevision = options.revision
    this.#snapshotSize = options.lastSnapshotBytes
  }

  /** Tells where the visible state is read for snapshots. */
  attach(readState: () => State): void {
    this.#readState = readState
  }

  append(event: StorageEvent): Promise<void> {
    this.#waiting ??= newBatch()
    this.#waiting.events.push(event)
    this.#flushing ??= this.#flush()
    return this.#waiting.done
  }

  async close(): Promise<void> {
    await this.#flushing
    await this.#snapshotting
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    // Whoever writes in this turn of the event loop shares the sync.
    await Promise.resolve()
    for (let batch = this.#waiting; batch; batch = this.#waiting) {
      this.#waiting = undefined
      try {
        // One batch after the other: the next one gathers meanwhile.
        await this.#write(batch.events)
        batch.resolve()
      } catch (error) {
        const failure = refusal(error, this.#options.directory)
        batch.reject(failure)
        // What waited meanwhile was built on what has just failed.
        this.#takeWaiting()?.reject(failure)
      }
      // Lets the store apply the batch, so that a snapshot has it.
      await new Promise(setImmediate)
      await this.#rotateWhenLarge()
    }
    this.#flushing = undefined
  }

  #takeWaiting(): Waiting | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }

  async #write(events: readonly StorageEvent[]): Promise<void> {
    if (this.#dirtyTail) {
      await this.#file.truncate(this.#position)
      this.#dirtyTail = false
    }
    const frame = encodeFrame(encodeChanges(events))
    try {
      await this.#file.write(frame, this.#position)
      await this.#file.sync()
    } catch (error) {
      this.#dirtyTail = true
      throw error
    }
    this.#position += frame.length
    this.#writtenRevision = events.at(-1)?.revision ?? this.#writtenRevision
  }

  async #rotateWhenLarge(): Promise<void> {
    const { snapshotBytes, directory, openFile, log } = this.#options
    if (this.#position < Math.max(snapshotBytes, this.#snapshotSize) || this.#snapshotting) return
    const state = this.#readState?.()
    // Only a state that is exactly what has been written can be the beginning of a new log.
    if (!state || state.revision !== this.#writtenRevision) return
    try {
      const next = await openFile(`${directory}/${fileName('log', state.revision)}`)
      await next.write(fileHeader(), 0)
      await next.sync()
      await syncDirectory(directory)
      await this.#file.close()
      this.#file = next
      this.#position = fileHeaderBytes
    } catch (error) {
      log.error(error, 'cannot begin a new log; the old one goes on')
      return
    }
    this.#snapshotting = this.#snapshot(state)
      .catch((error: unknown) => log.error(error, 'cannot write a snapshot; the logs go on'))
      .finally(() => {
        this.#snapshotting = undefined
      })
  }

  async #snapshot({ revision, objects }: State): Promise<void> {
    const { directory } = this.#options
    const path = `${directory}/${fileName('snapshot', revision)}`
    const partial = `${path}.partial`
    const file = await open(partial, 'w', 0o600)
    try {
      let size = fileHeaderBytes
      await file.write(fileHeader())
      for (const payload of encodeSnapshot(objects)) {
        const frame = encodeFrame(payload)
        // Piece by piece, so that requests are answered in between.
        await file.write(frame)
        size += frame.length
      }
      await file.sync()
      this.#snapshotSize = size
    } finally {
      await file.close()
    }
    await rename(partial, path)
    await syncDirectory(directory)
    const old = [...(await filesIn(directory, 'log')), ...(await filesIn(directory, 'snapshot'))]
    await Promise.all(old.filter((it) => it.revision < revision).map((it) => rm(it.path, { force: true })))
  }
}

function newBatch(): Waiting {
  let resolve: () => void = nothing
  let reject: (error: Error) => void = nothing
  const done = new Promise<void>((onDone, onFailure) => {
    resolve = onDone
    reject = onFailure
  })
  return { events: [], done, resolve, reject }
}

function nothing(): void {}

function refusal(error: unknown, directory: string): StorageError {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new StorageError('STORAGE_FULL', `no space is left for ${directory}; nothing was changed`, {
        cause: error,
      })
    : new StorageError('STORAGE_IO', `cannot write to ${directory}; nothing was changed`, { cause: error })
}

/** Makes names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
