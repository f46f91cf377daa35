import type { Clock, Logger } from '@sluice/ports'

export type TaskQueueOptions = {
  readonly name: string
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Works on one key. What it throws is logged, and the key comes again later. */
  readonly work: (key: string) => Promise<void>
}

const firstRetryMs = 100
const longestRetryMs = 10_000

/** Works on keys one after the other; a key that is added twice before its turn has one turn. */
export class TaskQueue {
  readonly #options: TaskQueueOptions
  readonly #keys = new Set<string>()
  readonly #failures = new Map<string, number>()
  #wake: (() => void) | undefined

  constructor(options: TaskQueueOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#wake?.(), { once: true })
  }

  add(key: string): void {
    this.#keys.add(key)
    this.#wake?.()
  }

  /** Adds the key after a while. */
  addAfter(key: string, ms: number): void {
    void this.#addLater(key, ms)
  }

  /** Works until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      const [key] = this.#keys
      if (key === undefined) {
        // Nothing to do until someone adds a key.
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
        continue
      }
      this.#keys.delete(key)
      await this.#work(key)
    }
  }

  async #work(key: string): Promise<void> {
    const { work, log, name, signal } = this.#options
    try {
      await work(key)
      this.#failures.delete(key)
    } catch (error) {
      if (signal.aborted) return
      const count = (this.#failures.get(key) ?? 0) + 1
      this.#failures.set(key, count)
      log.error(error, 'a controller failed and will try again', { controller: name, key })
      void this.#addLater(key, Math.min(longestRetryMs, firstRetryMs * 2 ** (count - 1)))
    }
  }

  async #addLater(key: string, ms: number): Promise<void> {
    const { clock, signal } = this.#options
    try {
      await clock.sleep(ms, signal)
      this.add(key)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}
