/** What waits to be delivered, one after the other, in the background. */
export interface DeliveryQueue<T> {
  /** Whether there was room. */
  add(item: T): boolean
  /** Delivers until `signal` aborts; what waits then is left. */
  run(signal: AbortSignal): Promise<void>
  /** Resolves when nothing waits. */
  flushed(): Promise<void>
}

/**
 * @param deliver must not fail
 * @param longest items that wait at most
 */
export function deliveryQueue<T>(
  deliver: (item: T, signal: AbortSignal) => Promise<void>,
  { longest }: { readonly longest: number },
): DeliveryQueue<T> {
  /** The first is being delivered, the others wait. */
  const waiting: T[] = []
  const wakers = new Set<() => void>()

  return {
    add: (item) => {
      if (waiting.length >= longest) return false
      waiting.push(item)
      wake()
      return true
    },
    run: async (signal) => {
      signal.addEventListener('abort', wake, { once: true })
      while (!signal.aborted) {
        const [next] = waiting
        if (next === undefined) {
          await changed()
        } else {
          // One after the other: people read them in this order.
          await deliver(next, signal)
          waiting.shift()
          wake()
        }
      }
    },
    flushed: async () => {
      while (waiting.length > 0) await changed()
    },
  }

  function wake(): void {
    for (const waker of wakers) waker()
    wakers.clear()
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      wakers.add(resolve)
    })
  }
}
