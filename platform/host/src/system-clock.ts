import { randomBytes, randomFillSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Random } from '@sluice/ports'

// setTimeout fires at once for anything longer.
const longestTimerMs = 2_147_483_647

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted()
    try {
      for (let left = ms; left > 0; left -= longestTimerMs) {
        // One timer after the other: a single one cannot hold more than about 24 days.
        await sleep(Math.min(left, longestTimerMs), undefined, signal ? { signal } : {})
      }
    } catch (error) {
      // Node rejects with its own AbortError; the port promises the signal's reason.
      signal?.throwIfAborted()
      throw error
    }
  },
}

/** Randomness from the operating system, fit for keys. */
export const systemRandom: Random = pooledRandom()

/** Fetches randomness in portions: asking for the few bytes of an identifier costs as much as for many. */
function pooledRandom(): Random {
  const pool = Buffer.alloc(4_096)
  const largestShare = 64
  let next = pool.length
  const bytes = (length: number): Buffer => {
    if (length > largestShare) return randomBytes(length)
    if (next + length > pool.length) {
      randomFillSync(pool)
      next = 0
    }
    const share = Buffer.from(pool.subarray(next, next + length))
    // Nobody gets them twice, also not by looking into memory.
    pool.fill(0, next, next + length)
    next += length
    return share
  }
  return { float: () => bytes(6).readUIntBE(0, 6) / 2 ** 48, bytes }
}
