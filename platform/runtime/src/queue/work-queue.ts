import type { Clock } from '@sluice/ports'
import { Fifo } from './fifo.ts'
import { TimerHeap } from './timer-heap.ts'

/**
 * Keys that wait to be worked on. A key waits at most once, for the earliest time that was asked for: adding it now
 * cancels its alarm. One that is added while it is being worked on waits until that is done.
 *
 * Source: controller-runtime 0.24, the priority queue; how often objects run shows in their history.
 */
export interface WorkQueue {
  /** Keys that wait to be taken now. */
  readonly depth: number
  /** When the keys that are being worked on were taken, in milliseconds since the epoch. */
  readonly takenAt: Iterable<number>
  add(key: string): void
  /** Adds the key after `ms`; 0 or less adds it now. */
  addAfter(key: string, ms: number): void
  /** Adds the key after its backoff, which doubles until {@link forget}. Returns the pause in milliseconds. */
  addRateLimited(key: string): number
  /** Ends the backoff of `key`: it has succeeded. */
  forget(key: string): void
  /** Cancels the alarm and backoff of a key that will not come back. */
  drop(key: string): void
  /** The next key, or `undefined` when the queue is closed. */
  take(): Promise<string | undefined>
  /** What {@link take} returned has been worked on. */
  done(key: string): void
  /** Lets takers go; what is still waiting is left. */
  close(): void
}

/** What happened in a queue, for metrics. Durations in milliseconds. */
export type QueueObserver = {
  readonly added: () => void
  readonly taken: (waitedMs: number) => void
  readonly finished: (workedMs: number) => void
  readonly retried: () => void
}

export type WorkQueueOptions = {
  readonly clock: Clock
  readonly minRetryDelayMs: number
  readonly maxRetryDelayMs: number
  readonly observer?: QueueObserver
}

/** Sleeps are cut into pieces of this length, since timers of the host end at 24 days. */
const longestSleepMs = 3_600_000

type Sleep = { readonly due: number; readonly controller: AbortController }

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyQueue(options)
}

class KeyQueue implements WorkQueue {
  readonly #options: WorkQueueOptions
  /** Waiting keys, with the time since when they wait. */
  readonly #waiting = new Map<string, number>()
  readonly #order = new Fifo()
  /** Keys being worked on, with the time since when. */
  readonly #working = new Map<string, number>()
  /** Keys that were added while being worked on. */
  readonly #again = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #alarms = new TimerHeap()
  readonly #takers: ((key: string | undefined) => void)[] = []
  #sleep: Sleep | undefined
  #isClosed = false

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  get takenAt(): Iterable<number> {
    return this.#working.values()
  }

  get depth(): number {
    return this.#waiting.size
  }

  add(key: string): void {
    if (this.#isClosed || this.#waiting.has(key)) return
    this.#alarms.delete(key)
    if (this.#working.has(key)) {
      this.#again.add(key)
      return
    }
    this.#options.observer?.added()
    this.#waiting.set(key, this.#options.clock.now())
    this.#order.push(key)
    this.#hand()
  }

  addAfter(key: string, ms: number): void {
    if (ms <= 0) {
      this.add(key)
      return
    }
    if (this.#isClosed || this.#waiting.has(key) || this.#again.has(key)) return
    this.#alarms.set(key, this.#options.clock.now() + ms)
    this.#arm()
  }

  addRateLimited(key: string): number {
    const { minRetryDelayMs, maxRetryDelayMs, observer } = this.#options
    const count = this.#failures.get(key) ?? 0
    this.#failures.set(key, count + 1)
    const pause = Math.min(maxRetryDelayMs, minRetryDelayMs * 2 ** Math.min(count, 40))
    observer?.retried()
    this.addAfter(key, pause)
    return pause
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  drop(key: string): void {
    this.#failures.delete(key)
    this.#alarms.delete(key)
  }

  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#isClosed) {
        resolve(undefined)
        return
      }
      this.#takers.push(resolve)
      this.#hand()
    })
  }

  done(key: string): void {
    const { clock, observer } = this.#options
    const since = this.#working.get(key)
    this.#working.delete(key)
    if (since !== undefined) observer?.finished(clock.now() - since)
    if (this.#again.delete(key)) this.add(key)
  }

  close(): void {
    this.#isClosed = true
    this.#sleep?.controller.abort()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }

  /** Gives waiting keys to waiting takers. */
  #hand(): void {
    const { clock, observer } = this.#options
    while (this.#takers.length > 0) {
      const key = this.#order.shift()
      if (key === undefined) return
      const taker = this.#takers.shift()
      const since = this.#waiting.get(key) ?? clock.now()
      this.#waiting.delete(key)
      this.#working.set(key, clock.now())
      observer?.taken(clock.now() - since)
      taker?.(key)
    }
  }

  /** Sees to it that someone sleeps until the first alarm. */
  #arm(): void {
    const { clock } = this.#options
    const due = this.#alarms.nextDue()
    if (due === undefined || this.#isClosed) return
    if (this.#sleep && this.#sleep.due <= due) return
    this.#sleep?.controller.abort()
    const controller = new AbortController()
    this.#sleep = { due, controller }
    const pause = Math.min(longestSleepMs, Math.max(0, due - clock.now()))
    // An aborted sleep has a successor, or the queue is closed: either way there is nothing left to do.
    void clock.sleep(pause, controller.signal).then(
      () => this.#ring(),
      () => undefined,
    )
  }

  #ring(): void {
    this.#sleep = undefined
    for (const key of this.#alarms.takeDue(this.#options.clock.now())) this.add(key)
    this.#arm()
  }
}
