import { StorageError, type StorageEvent } from './storage.ts'

/** A consumer this far behind is cut off, so that it cannot hold the events of a busy store in memory. */
const longestBacklog = 10_000

type Reader = {
  readonly prefix: string
  backlog: StorageEvent[]
  failure?: Error
  ended: boolean
  wake: (() => void) | undefined
}

/** Hands events of one resource to those who watch it. */
export class EventFeed {
  readonly #readers = new Set<Reader>()

  /** Gives `event` to everyone whose prefix it matches. */
  publish(event: StorageEvent): void {
    for (const reader of this.#readers) {
      if (!event.key.startsWith(reader.prefix)) continue
      if (reader.backlog.length >= longestBacklog) {
        reader.failure = new StorageError('WATCHER_TOO_SLOW', 'the watcher did not keep up with the changes')
        reader.backlog = []
        this.#readers.delete(reader)
      } else {
        reader.backlog.push(event)
      }
      reader.wake?.()
    }
  }

  /** Ends every watch. */
  end(): void {
    for (const reader of this.#readers) {
      reader.ended = true
      reader.wake?.()
    }
    this.#readers.clear()
  }

  /**
   * Events from now on, `missed` first. The subscription exists when this returns, not when iteration begins, so
   * nothing is lost in between; it must be iterated or aborted, else it stays.
   */
  subscribe(
    prefix: string,
    { missed, signal }: { readonly missed: StorageEvent[]; readonly signal: AbortSignal },
  ): AsyncIterable<StorageEvent> {
    const reader: Reader = { prefix, backlog: missed, ended: signal.aborted, wake: undefined }
    const stop = (): void => {
      reader.ended = true
      this.#readers.delete(reader)
      reader.wake?.()
    }
    if (!signal.aborted) {
      this.#readers.add(reader)
      signal.addEventListener('abort', stop, { once: true })
    }
    const release = (): void => {
      this.#readers.delete(reader)
      signal.removeEventListener('abort', stop)
    }
    return read(reader, release)
  }
}

async function* read(reader: Reader, release: () => void): AsyncGenerator<StorageEvent> {
  try {
    while (!reader.ended) {
      const batch = reader.backlog
      reader.backlog = []
      for (const event of batch) {
        if (reader.ended) return
        yield event
      }
      if (reader.failure) throw reader.failure
      if (reader.ended || reader.backlog.length > 0) continue
      // The loop waits for one event after another: that is what it is for.
      await new Promise<void>((resolve) => {
        reader.wake = resolve
      })
      reader.wake = undefined
    }
  } finally {
    release()
  }
}
