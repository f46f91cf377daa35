import type { Logger, Random } from '@sluice/ports'
import type { RunResult } from '../metrics/controller-metrics.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import type { Next } from '../reconcile/outcome.ts'

/** Tells `queue` when a key comes back after a run that ended with `next`. */
export function schedule(
  key: string,
  next: Next,
  {
    queue,
    random,
    log,
    jitterPercentage,
  }: {
    readonly queue: WorkQueue
    readonly random: Random
    readonly log: Logger
    readonly jitterPercentage: number
  },
): RunResult {
  switch (next.kind) {
    case 'nothing':
      queue.forget(key)
      return 'success'
    case 'interval':
      queue.forget(key)
      queue.addAfter(key, jittered(next.ms, jitterPercentage, random))
      return 'requeue_after'
    case 'after':
      queue.forget(key)
      queue.addAfter(key, next.ms)
      return 'requeue_after'
    case 'backoff': {
      const pauseMs = queue.addRateLimited(key)
      if (next.error === undefined) return 'requeue'
      log.error(next.error, 'Reconciler error', { retryAfterMs: pauseMs })
      return 'error'
    }
  }
}

function jittered(ms: number, percentage: number, random: Random): number {
  const share = (percentage / 100) * (2 * random.float() - 1)
  return Math.max(1, ms * (1 + share))
}
