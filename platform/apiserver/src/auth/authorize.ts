import { mastersGroup } from '../request/user.ts'
import type { Authorize } from '../server/dispatch.ts'
import { statusError } from '../status/status-error.ts'
import type { Storage } from '../storage/storage.ts'

/** Lets administrators do everything. */
export function authorizer(_storage: Storage): Authorize {
  return (user) => {
    if (!user.groups.includes(mastersGroup)) throw statusError(403, 'Forbidden', { message: 'forbidden' })
  }
}
