import type { CacheChange } from '@sluice/cluster'
import type { Clock, KubeObject } from '@sluice/ports'
import type { ReconcilerContext } from '@sluice/runtime'

/** Changes that wait until it is quiet around their owner. */
export interface SettlingChanges {
  /** Has `judgeAll` called with this change, and with what comes for the same owner until then. */
  add(
    owner: string,
    change: CacheChange<KubeObject>,
    options: {
      readonly started: ReconcilerContext
      readonly judgeAll: (changes: readonly CacheChange<KubeObject>[]) => void
    },
  ): void
}

type Pending = { readonly changes: CacheChange<KubeObject>[]; lastAt: number }

/** How often what comes later may put off what came first. */
const maxSettles = 4

/** @param settleMs how long it has to be quiet, in milliseconds. */
export function settlingChanges(settleMs: number): SettlingChanges {
  const pending = new Map<string, Pending>()
  return {
    add: (owner, change, { started, judgeAll }) => {
      const { clock, tasks } = started
      const lastAt = clock.now()
      const waiting = pending.get(owner)
      if (waiting) {
        waiting.changes.push(change)
        waiting.lastAt = lastAt
        return
      }
      const fresh: Pending = { changes: [change], lastAt }
      pending.set(owner, fresh)
      tasks.run('drift', async (signal) => {
        // The watch may tell of our own write before its response is noted.
        await quiet(fresh, settleMs, { clock, signal })
        pending.delete(owner)
        judgeAll(fresh.changes)
      })
    },
  }
}

/** Resolves when nothing has come for the time to settle, or when that takes too long. */
async function quiet(
  pending: Pending,
  settleMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const latest = pending.lastAt + maxSettles * settleMs
  for (;;) {
    const due = Math.min(pending.lastAt + settleMs, latest)
    const now = clock.now()
    if (now >= due) return
    // What comes meanwhile moves the end.
    await clock.sleep(due - now, signal)
  }
}
