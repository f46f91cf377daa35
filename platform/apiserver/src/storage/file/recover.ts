import { readdir, readFile, rename, truncate } from 'node:fs/promises'
import type { KubeObject, Logger } from '@sluice/ports'
import { StorageError } from '../storage.ts'
import { fileHeaderBytes, formatVersion, readFrame, versionOfFile } from './frame.ts'
import { decodeChanges, snapshotEnd } from './records.ts'

/** What was found in a directory. */
export type Recovered = {
  readonly revision: number
  readonly objects: Map<string, KubeObject>
  /** The log to go on with, and where its next frame belongs; `undefined` when there is none yet. */
  readonly log: { readonly path: string; readonly position: number } | undefined
  /** Bytes of the last snapshot, 0 when there is none. */
  readonly snapshotBytes: number
}

export type RecoverOptions = {
  readonly log: Logger
  /** Go on with what comes before a damage, giving up the rest. */
  readonly salvage: boolean
}

type Found = { readonly path: string; readonly revision: number }

/** `log-000000000042`: changes after revision 42. `snapshot-…`: everything as of it. */
export function fileName(kind: 'log' | 'snapshot', revision: number): string {
  return `${kind}-${String(revision).padStart(16, '0')}`
}

/** Files of one kind in a directory, oldest first. */
export async function filesIn(directory: string, kind: 'log' | 'snapshot'): Promise<Found[]> {
  const pattern = new RegExp(`^${kind}-(\\d{16})$`)
  return (await readdir(directory))
    .flatMap((name) => {
      const revision = pattern.exec(name)?.[1]
      return revision === undefined ? [] : [{ path: `${directory}/${name}`, revision: Number(revision) }]
    })
    .toSorted((a, b) => a.revision - b.revision)
}

/**
 * Reads the newest snapshot and the logs after it. A write that was never finished is cut off the last log.
 *
 * @throws {StorageError} `STORAGE_DAMAGED` or `STORAGE_VERSION`, naming the file and the way out
 */
export async function recover(directory: string, options: RecoverOptions): Promise<Recovered> {
  const snapshot = (await filesIn(directory, 'snapshot')).at(-1)
  const objects = new Map<string, KubeObject>()
  let revision = snapshot?.revision ?? 0
  const snapshotBytes = snapshot ? await readSnapshot(snapshot.path, objects, options) : 0
  const logs = (await filesIn(directory, 'log')).filter((it) => it.revision >= revision)
  let end: Recovered['log']
  for (const [index, { path, revision: from }] of logs.entries()) {
    if (from !== revision) {
      refuse(options, path, `changes after revision ${revision} are missing`)
      // Out of the way of new logs, but not thrown away.
      await Promise.all(logs.slice(index).map((it) => rename(it.path, `${it.path}.lost`)))
      break
    }
    // In order: each log continues the one before.
    const position = await readLog(path, { isLast: index === logs.length - 1, options }, (change) => {
      if (change.object) objects.set(change.key, change.object)
      else objects.delete(change.key)
      revision = change.revision
    })
    end = { path, position }
  }
  return { revision, objects, log: end, snapshotBytes }
}

async function readSnapshot(
  path: string,
  objects: Map<string, KubeObject>,
  options: RecoverOptions,
): Promise<number> {
  const bytes = await readVersioned(path)
  let at = fileHeaderBytes
  for (let frame = readFrame(bytes, at); frame.kind === 'frame'; frame = readFrame(bytes, at)) {
    at = frame.end
    const count = snapshotEnd(frame.payload)
    if (count === objects.size) return bytes.length
    if (count !== undefined) break
    for (const { key, object } of decodeChanges(frame.payload)) if (object) objects.set(key, object)
  }
  // A snapshot gets its name only once it is whole, so whatever is missing was lost later.
  refuse(options, path, `it is damaged at byte ${at}`)
  return bytes.length
}

type Reading = { readonly isLast: boolean; readonly options: RecoverOptions }

/** @returns where the next frame belongs */
async function readLog(
  path: string,
  { isLast, options }: Reading,
  apply: (change: ReturnType<typeof decodeChanges>[number]) => void,
): Promise<number> {
  const whole = await readFile(path)
  // The header itself may be what was never finished.
  if (isLast && whole.length < fileHeaderBytes) {
    await truncate(path, 0)
    return 0
  }
  const bytes = await readVersioned(path, whole)
  let at = fileHeaderBytes
  while (true) {
    const frame = readFrame(bytes, at)
    if (frame.kind === 'end') return at
    if (frame.kind !== 'frame') {
      if (frame.kind === 'damaged' || !isLast) refuse(options, path, `it is damaged at byte ${at}`)
      options.log.info('cut an unfinished write off the end of the store', {
        file: path,
        bytes: bytes.length - at,
      })
      await truncate(path, at)
      return at
    }
    for (const change of decodeChanges(frame.payload)) apply(change)
    at = frame.end
  }
}

async function readVersioned(path: string, content?: Buffer): Promise<Buffer> {
  const bytes = content ?? (await readFile(path))
  const version = versionOfFile(bytes)
  if (version === undefined) {
    throw new StorageError(
      'STORAGE_DAMAGED',
      `${path} is not a file of the store; restore it from a copy, or move the directory away to begin anew`,
    )
  }
  if (version !== formatVersion) {
    throw new StorageError(
      'STORAGE_VERSION',
      `${path} has format version ${version}, this program reads version ${formatVersion}; use the program that wrote it`,
    )
  }
  return bytes
}

function refuse({ salvage, log }: RecoverOptions, path: string, what: string): void {
  if (salvage) {
    log.info('the store is damaged; going on with what comes before', { file: path, damage: what })
    return
  }
  throw new StorageError(
    'STORAGE_DAMAGED',
    `${path}: ${what}; restore the directory from a copy, move it away to begin anew, or open it with salvage to go on with what comes before the damage`,
  )
}
