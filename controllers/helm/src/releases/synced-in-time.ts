import type { WatchCache } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'

/** A list that takes longer is most likely forbidden. */
const patienceMs = 10_000

/** Whether a cache is filled, after a while at the most: who may not watch has to ask each time. */
export async function isSyncedInTime(cache: WatchCache, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const late = new AbortController()
  const waiting = AbortSignal.any([signal, late.signal])
  try {
    const synced = cache.synced(waiting).then(() => true)
    return await Promise.race([synced, clock.sleep(patienceMs, waiting).then(() => false)])
  } finally {
    late.abort()
  }
}
