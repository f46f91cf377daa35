import type { Clock } from '@sluice/ports'

/** Aborts when nothing has been heard for a while. */
export type SilenceAlarm = Disposable & {
  readonly signal: AbortSignal
  readonly heard: () => void
}

/** One timer, however often something is heard. */
export function silenceAlarm(clock: Clock, ms: number): SilenceAlarm {
  const alarm = new AbortController()
  const done = new AbortController()
  let heardAt = clock.now()
  void watch()

  return {
    signal: alarm.signal,
    heard: () => {
      heardAt = clock.now()
    },
    [Symbol.dispose]: () => done.abort(),
  }

  async function watch(): Promise<void> {
    while (!done.signal.aborted) {
      const leftMs = heardAt + ms - clock.now()
      if (leftMs <= 0) {
        alarm.abort()
        return
      }
      // Only the end of the watch ends a sleep early.
      await clock.sleep(leftMs, done.signal).catch(() => undefined)
    }
  }
}
