import { RunInterruption } from '../reconcile/run-interruption.ts'
import type { Trigger } from './triggers.ts'

/** Runs under way that may be told that another one is asked for. */
export interface Interruptions {
  /** Does `work` with a signal that aborts when its key is asked for meanwhile. */
  during(key: string, work: (interruption: AbortSignal) => Promise<void>): Promise<void>
  /** Something asks for the key. */
  interrupt(key: string, trigger: Trigger): void
}

export function interruptions(): Interruptions {
  const running = new Map<string, AbortController>()
  return {
    during: async (key, work) => {
      const interruption = new AbortController()
      running.set(key, interruption)
      await work(interruption.signal)
      running.delete(key)
    },
    interrupt: (key, { kind, key: trigger }) => running.get(key)?.abort(new RunInterruption(kind, trigger)),
  }
}
