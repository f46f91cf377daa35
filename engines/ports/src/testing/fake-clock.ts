import type { Clock } from '../clock.ts'

/** A clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /** Moves time forward and wakes the sleepers that are due, in order, letting each run before the next. */
  advance(ms: number): Promise<void>
  /** How many sleepers are waiting. */
  readonly sleeping: number
}

type Sleeper = { readonly due: number; readonly wake: () => void }

/** @param start milliseconds since the epoch at which the clock begins. */
export function fakeClock(start = 0): FakeClock {
  let time = start
  const sleepers = new Set<Sleeper>()

  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        const stop = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          due: time + ms,
          wake: () => {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', stop)
            resolve()
          },
        }
        signal?.addEventListener('abort', stop, { once: true })
        sleepers.add(sleeper)
      }),
    advance: async (ms) => {
      const end = time + ms
      for (let next = earliest(sleepers); next && next.due <= end; next = earliest(sleepers)) {
        time = Math.max(time, next.due)
        next.wake()
        await settle()
      }
      time = end
      await settle()
    },
    get sleeping() {
      return sleepers.size
    },
  }
}

function earliest(sleepers: ReadonlySet<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined
  for (const sleeper of sleepers) {
    if (!first || sleeper.due < first.due) first = sleeper
  }
  return first
}

async function settle(): Promise<void> {
  // A woken task needs a few turns of the microtask queue to reach its next wait.
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
