import type { Logger } from '@sluice/ports'
import { internalError, statusError } from '../status/status-error.ts'
import { StorageError } from '../storage/storage.ts'

/** What a client is told when the store cannot take a write: nothing has changed, and why. Other errors stay as they are. */
export function storeRefusal(error: unknown, log: Logger): unknown {
  if (!(error instanceof StorageError)) return error
  switch (error.code) {
    case 'STORAGE_FULL':
    case 'STORAGE_IO':
      log.error(error, 'a write failed')
      return internalError(error.message)
    case 'STORAGE_CLOSED':
      return statusError(503, 'ServiceUnavailable', {
        message: 'the server is shutting down',
        details: { retryAfterSeconds: 1 },
      })
    case 'PRECONDITION_FAILED':
    case 'REVISION_COMPACTED':
    case 'WATCHER_TOO_SLOW':
    case 'STORAGE_DAMAGED':
    case 'STORAGE_LOCKED':
    case 'STORAGE_VERSION':
      return error
  }
}
