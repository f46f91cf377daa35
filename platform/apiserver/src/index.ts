export {
  type Precondition,
  type Snapshot,
  type Storage,
  StorageError,
  type StorageErrorCode,
  type StorageEvent,
} from './storage/storage.ts'
