import { isStorageError } from '../storage/storage.ts'
import type { Controller, ControllerContext } from './context.ts'

const eventPrefix = '//events/'
const lifetimeMs = 3_600_000
const everyMs = 60_000

/** Deletes events an hour after they were last written. */
export function eventExpiry({ core, signal }: ControllerContext): Controller {
  const { clock, storage } = core
  /** When each event was last seen, oldest first: a map keeps the order in which keys were set. */
  const seen = new Map<string, number>()
  return {
    observe: ({ type, key }) => {
      if (!key.startsWith(eventPrefix)) return
      seen.delete(key)
      if (type === 'put') seen.set(key, clock.now())
    },
    run: async () => {
      while (!signal.aborted) {
        try {
          await clock.sleep(everyMs, signal)
        } catch (error) {
          if (signal.aborted) return
          throw error
        }
        for (const [key, time] of seen) {
          if (clock.now() - time < lifetimeMs) break
          // In order; they are few at a time.
          await expire(key)
        }
      }
    },
  }

  async function expire(key: string): Promise<void> {
    const resourceVersion = storage.get(key)?.metadata.resourceVersion
    if (resourceVersion === undefined) return
    try {
      await storage.delete(key, { kind: 'at', resourceVersion })
    } catch (error) {
      // Written again meanwhile: it lives on.
      if (!isStorageError(error, 'PRECONDITION_FAILED')) throw error
    }
  }
}
