import type { StorageEvent } from './storage.ts'

/** The last changes of the store, oldest first, bounded in number. */
export class History {
  readonly #limit: number
  #events: StorageEvent[] = []
  #start = 0
  #compacted: number

  /** @param compacted the revision before the first event that will be recorded. */
  constructor(limit: number, compacted: number) {
    this.#limit = limit
    this.#compacted = compacted
  }

  /** Changes up to this revision are forgotten. */
  get compacted(): number {
    return this.#compacted
  }

  push(event: StorageEvent): void {
    this.#events.push(event)
    if (this.#events.length - this.#start <= this.#limit) return
    this.#compacted = this.#events[this.#start]?.revision ?? this.#compacted
    this.#start += 1
    // Cutting the front off once in a while keeps pushing cheap.
    if (this.#start > this.#limit) {
      this.#events = this.#events.slice(this.#start)
      this.#start = 0
    }
  }

  /** Forgets everything up to and including `revision`. */
  compact(revision: number): void {
    this.#events = this.after(revision)
    this.#start = 0
    this.#compacted = revision
  }

  /** Events with a revision greater than `revision`, oldest first. */
  after(revision: number): StorageEvent[] {
    let low = this.#start
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return this.#events.slice(low)
  }
}
