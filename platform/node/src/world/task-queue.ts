import { isApiError } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'

/** What a {@link taskQueue} runs and how it reports. */
export type TaskQueueOptions = {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Runs the task of `key`; the number is the delay in milliseconds until it is to run again. */
  readonly run: (key: string) => Promise<number | undefined>
  readonly failed: (key: string, error: unknown) => void
  /** How many keys run at the same time. */
  readonly concurrency: number
}

const firstRetryMs = 100
/** A lost race is over as soon as the winner's change is known. */
const firstRaceMs = 5
const lastRetryMs = 30_000

/**
 * Runs a task a key, never twice at a time: a key added while it runs is run again afterwards, once.
 * Failures are retried after a growing delay; a lost race (`Conflict`) is no failure and is retried sooner.
 */
export function taskQueue({ clock, signal, run, failed, concurrency }: TaskQueueOptions): {
  add(key: string): void
} {
  const waiting = new Set<string>()
  const running = new Map<string, { again: boolean }>()
  const failures = new Map<string, number>()
  const timers = new Map<string, AbortController>()

  const add = (key: string) => {
    if (signal.aborted) return
    const current = running.get(key)
    if (current) {
      current.again = true
    } else {
      waiting.add(key)
      startNext()
    }
  }

  const startNext = () => {
    for (const key of waiting) {
      if (running.size >= concurrency) return
      waiting.delete(key)
      void start(key)
    }
  }

  const start = async (key: string) => {
    const state = { again: false }
    running.set(key, state)
    const delayMs = await attempt(key)
    running.delete(key)
    if (state.again) add(key)
    else if (delayMs !== undefined) schedule(key, delayMs)
    startNext()
  }

  const attempt = async (key: string): Promise<number | undefined> => {
    try {
      // Entered from `add`, which a caller may hold in the middle of a change: begin on a turn of its own.
      await Promise.resolve()
      const delayMs = await run(key)
      failures.delete(key)
      return delayMs
    } catch (error) {
      if (signal.aborted) return undefined
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      const isRace = isApiError(error, 'Conflict')
      if (!isRace) failed(key, error)
      return Math.min((isRace ? firstRaceMs : firstRetryMs) * 2 ** count, lastRetryMs)
    }
  }

  const schedule = (key: string, delayMs: number) => {
    timers.get(key)?.abort()
    const timer = new AbortController()
    timers.set(key, timer)
    void wake(key, delayMs, timer)
  }

  const wake = async (key: string, delayMs: number, timer: AbortController) => {
    try {
      await clock.sleep(delayMs, AbortSignal.any([timer.signal, signal]))
    } catch (error) {
      if (!timer.signal.aborted && !signal.aborted) throw error
      return
    }
    timers.delete(key)
    add(key)
  }

  return { add }
}
