import { healthOf as builtinHealthOf, type Health } from '@sluice/health'
import { type Clock, formatApiVersion, type KubeObject, ToolkitError } from '@sluice/ports'
import { isApiError } from '../api-error.ts'
import type { Cluster } from '../cluster.ts'
import { mapConcurrently } from '../map-concurrently.ts'
import type { Target } from './delete.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'

export type WaitOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Gives up as soon as one object has failed, instead of when all are ready or failed. */
  readonly failFast: boolean
  /** What ready means; the rules of the health engine when absent. */
  readonly healthOf?: (object: KubeObject) => Health
  /** Whether an object that is not there counts as ready, such as a Job that was cleaned up after it finished. */
  readonly mayBeAbsent?: (id: ObjectId) => boolean
  /** Requests at the same time. Default: `4`. */
  readonly concurrency?: number
}

/** Not all objects became ready. The message lists those that did not, as Flux does. */
export class WaitError extends ToolkitError {
  override readonly name = 'WaitError'
  readonly isTimeout: boolean

  constructor(isTimeout: boolean, details: readonly string[]) {
    const what = isTimeout ? 'timeout waiting for' : 'failed early due to stalled resources'
    super('WAIT_FAILED', `${what}: [${details.join(', ')}]`)
    this.isTimeout = isTimeout
  }
}

/** Looks again after this time at first, then less and less often. */
const firstPauseMs = 100
const longestPauseMs = 5_000
const growth = 1.5

/**
 * Waits until all objects are ready.
 *
 * @throws {WaitError} when the time is over, when `failFast` and one has failed, or when all others are ready.
 */
export async function waitForReady(targets: readonly Target[], options: WaitOptions): Promise<void> {
  const { clock, signal, timeoutMs, failFast, concurrency = 4 } = options
  const deadline = clock.now() + timeoutMs
  let pauseMs = firstPauseMs
  for (;;) {
    const seen = await mapConcurrently(targets, concurrency, async (target) => ({
      id: target.id,
      health: await look(target, options),
    }))
    const pending = seen.filter((it) => it.health.status !== 'Current')
    if (pending.length === 0) return
    const failed = pending.filter((it) => it.health.status === 'Failed')
    if (failed.length > 0 && (failFast || failed.length === pending.length)) {
      throw new WaitError(false, failed.map(describe))
    }
    const left = deadline - clock.now()
    if (left <= 0) throw new WaitError(true, pending.map(describe))
    await clock.sleep(Math.min(pauseMs, left), signal)
    pauseMs = Math.min(longestPauseMs, pauseMs * growth)
  }
}

/** Waits until none of the objects is there any more. @throws {WaitError} when the time is over. */
export async function waitForTermination(
  targets: readonly Target[],
  options: Pick<WaitOptions, 'cluster' | 'clock' | 'signal' | 'timeoutMs'>,
): Promise<void> {
  const { clock, signal, timeoutMs } = options
  const deadline = clock.now() + timeoutMs
  let left = targets
  for (;;) {
    const found = await mapConcurrently(left, 4, async (target) => ({
      target,
      object: await read(target, options),
    }))
    left = found.filter((it) => it.object !== undefined).map((it) => it.target)
    if (left.length === 0) return
    if (clock.now() >= deadline) {
      throw new WaitError(
        true,
        left.map(({ id }) => `${formatObjectId(id)} status: 'Terminating'`),
      )
    }
    await clock.sleep(Math.min(2_000, deadline - clock.now()), signal)
  }
}

async function look(target: Target, options: WaitOptions): Promise<Health> {
  const { clock, mayBeAbsent, healthOf = (object) => builtinHealthOf(object, { now: clock.now() }) } = options
  try {
    const object = await read(target, options)
    if (object) return healthOf(object)
    if (mayBeAbsent?.(target.id)) return { status: 'Current', message: 'Resource not found' }
    return { status: 'NotFound', message: 'Resource not found' }
  } catch (error) {
    if (options.signal.aborted) throw error
    // The server may be away for a moment; the deadline still holds.
    return { status: 'Unknown', message: error instanceof Error ? error.message : String(error) }
  }
}

async function read(
  { id, version }: Target,
  { cluster, signal }: Pick<WaitOptions, 'cluster' | 'signal'>,
): Promise<KubeObject | undefined> {
  const key = id.namespace === '' ? { name: id.name } : { namespace: id.namespace, name: id.name }
  try {
    const resource = await cluster.resourceFor(formatApiVersion(id.group, version), id.kind, { signal })
    return await cluster.get(resource, key, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'NoKindMatch')) return undefined
    throw error
  }
}

function describe({ id, health }: { readonly id: ObjectId; readonly health: Health }): string {
  // Only where the verdict itself failed is there more to say.
  const why = health.status === 'Unknown' ? `: ${health.message}` : ''
  return `${formatObjectId(id)} status: '${health.status}'${why}`
}
