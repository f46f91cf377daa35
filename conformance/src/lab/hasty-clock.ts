import { systemClock } from '@sluice/host'
import type { Clock } from '@sluice/ports'

/** How many times faster it runs. */
const haste = 200

/** A clock that runs fast, so that pauses after failures are short. */
export function hastyClock(): Clock {
  const start = systemClock.now()
  return {
    now: () => start + (systemClock.now() - start) * haste,
    sleep: (ms, signal) => systemClock.sleep(ms / haste, signal),
  }
}
