import { mkdir, readdir, rm } from 'node:fs/promises'
import { type Logger, silentLogger } from '@sluice/ports'
import { ObjectStore } from '../object-store.ts'
import type { Storage } from '../storage.ts'
import { fileHeader, fileHeaderBytes } from './frame.ts'
import { FileJournal, syncDirectory } from './journal.ts'
import { lockDirectory } from './lock.ts'
import { type OpenLogFile, openLogFile } from './log-file.ts'
import { fileName, recover } from './recover.ts'

export type FileStorageOptions = {
  /** Made if it is absent; only one process can have it. */
  readonly directory: string
  readonly log?: Logger
  /** How many past changes can be watched and listed. */
  readonly historyEvents?: number
  /** Size of the log from which on snapshots are made; 32 MiB when absent. */
  readonly snapshotBytes?: number
  /** Go on with what comes before a damage, giving up the rest. */
  readonly salvage?: boolean
  readonly openFile?: OpenLogFile
}

const defaultSnapshotBytes = 32 * 1024 * 1024

/**
 * A store that survives its process: every write is in an append-only log, synced, before it is acknowledged.
 *
 * @throws {StorageError} `STORAGE_LOCKED`, `STORAGE_DAMAGED`, `STORAGE_VERSION`
 */
export async function fileStorage(options: FileStorageOptions): Promise<Storage> {
  const { directory, log = silentLogger, openFile = openLogFile } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unlock = await lockDirectory(directory)
  try {
    await removePartials(directory)
    const found = await recover(directory, { log, salvage: options.salvage ?? false })
    const path = found.log?.path ?? `${directory}/${fileName('log', found.revision)}`
    const file = await openFile(path)
    let position = found.log?.position ?? 0
    if (position === 0) {
      await file.write(fileHeader(), 0)
      await file.sync()
      await syncDirectory(directory)
      position = fileHeaderBytes
    }
    const journal = new FileJournal({
      directory,
      openFile,
      log,
      snapshotBytes: options.snapshotBytes ?? defaultSnapshotBytes,
      file,
      position,
      revision: found.revision,
      lastSnapshotBytes: found.snapshotBytes,
    })
    const store = new ObjectStore({
      journal: {
        append: (event) => journal.append(event),
        close: async () => {
          await journal.close()
          await unlock()
        },
      },
      initial: { revision: found.revision, objects: found.objects },
      ...(options.historyEvents === undefined ? {} : { historyEvents: options.historyEvents }),
    })
    journal.attach(() => ({ revision: store.revision, objects: [...store.entries()] }))
    return store
  } catch (error) {
    await unlock()
    throw error
  }
}

/** Snapshots that were never finished. */
async function removePartials(directory: string): Promise<void> {
  const partials = (await readdir(directory)).filter((it) => it.endsWith('.partial'))
  await Promise.all(partials.map((it) => rm(`${directory}/${it}`, { force: true })))
}
