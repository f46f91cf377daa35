import { ObjectStore, type ObjectStoreOptions } from './object-store.ts'
import type { Storage } from './storage.ts'

/** A store that is gone with the process. */
export function memoryStorage(options: Pick<ObjectStoreOptions, 'historyEvents'> = {}): Storage {
  return new ObjectStore(options)
}
