/** Something that is closed once, and open from then on. */
export interface Gate {
  open(): void
  /** Resolves when the gate is open; rejects with the signal's reason if that aborts first. */
  passed(signal: AbortSignal): Promise<void>
}

export function closedGate(): Gate {
  const waiting = new Set<() => void>()
  let isOpen = false
  return {
    open: () => {
      isOpen = true
      for (const wake of waiting) wake()
      waiting.clear()
    },
    passed: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason)
          return
        }
        if (isOpen) {
          resolve()
          return
        }
        const stop = (): void => {
          waiting.delete(wake)
          reject(signal.reason)
        }
        const wake = (): void => {
          signal.removeEventListener('abort', stop)
          resolve()
        }
        signal.addEventListener('abort', stop, { once: true })
        waiting.add(wake)
      }),
  }
}
