import { healthOf as builtinHealthOf, dependsOnPods, type Health } from '@sluice/health'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import { mapConcurrently } from '../map-concurrently.ts'
import type { Target } from './delete.ts'
import { type FollowOptions, followObjects, type Seen } from './follow.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'
import { selectedPods } from './selected-pods.ts'

export type WaitOptions = FollowOptions & {
  /** Gives up as soon as one object has failed, instead of when all are ready or failed. */
  readonly failFast: boolean
  /** What ready means; the rules of the health engine when absent. Pods come with what is judged by them too. */
  readonly healthOf?: JudgeHealth
  /** Whether an object that is not there counts as ready, such as a Job that was cleaned up after it finished. */
  readonly mayBeAbsent?: (id: ObjectId) => boolean
}

export type JudgeHealth = (object: KubeObject, pods?: readonly KubeObject[]) => Health

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

/**
 * Waits until all objects are ready.
 *
 * @throws {WaitError} when the time is over, when `failFast` and one has failed, or when all others are ready.
 */
export async function waitForReady(targets: readonly Target[], options: WaitOptions): Promise<void> {
  await followObjects(targets, options, async (seen, isOver) => {
    const judged = await mapConcurrently(seen, options.concurrency ?? 4, async (it) => {
      return { target: it.target, id: it.target.id, health: await healthOfSeen(it, options) }
    })
    const pending = judged.filter((it) => it.health.status !== 'Current')
    const failed = pending.filter((it) => it.health.status === 'Failed')
    if (failed.length > 0 && (options.failFast || failed.length === pending.length)) {
      throw new WaitError(false, failed.map(describe))
    }
    if (pending.length > 0 && isOver) throw new WaitError(true, pending.map(describe))
    return pending.map((it) => it.target)
  })
}

/** Waits until none of the objects is there any more. @throws {WaitError} when the time is over. */
export async function waitForTermination(
  targets: readonly Target[],
  options: Pick<WaitOptions, 'cluster' | 'clock' | 'signal' | 'timeoutMs'>,
): Promise<void> {
  await followObjects(targets, options, (seen, isOver) => {
    // What cannot be looked at may still be there.
    const left = seen.filter((it) => it.object !== undefined || it.trouble !== undefined)
    if (left.length > 0 && isOver) {
      throw new WaitError(
        true,
        left.map(({ target }) => `${formatObjectId(target.id)} status: 'Terminating'`),
      )
    }
    return left.map(({ target }) => target)
  })
}

async function healthOfSeen({ target, object, trouble }: Seen, options: WaitOptions): Promise<Health> {
  const { clock, mayBeAbsent } = options
  if (trouble !== undefined) return { status: 'Unknown', message: trouble }
  if (!object) {
    const status = mayBeAbsent?.(target.id) ? 'Current' : 'NotFound'
    return { status, message: 'Resource not found' }
  }
  const healthOf: JudgeHealth =
    options.healthOf ?? ((it, pods) => builtinHealthOf(it, { now: clock.now(), ...(pods && { pods }) }))
  const health = healthOf(object)
  // A set of pods that fail for good says no more of it than that it is in progress.
  return health.status === 'InProgress' && dependsOnPods(object)
    ? healthOf(object, await selectedPods(object, options))
    : health
}

function describe({ id, health }: { readonly id: ObjectId; readonly health: Health }): string {
  // Only where the verdict itself failed is there more to say.
  const why = health.status === 'Unknown' ? `: ${health.message}` : ''
  return `${formatObjectId(id)} status: '${health.status}'${why}`
}
