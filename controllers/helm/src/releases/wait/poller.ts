import { type JudgeHealth, type ObjectId, waitForReady } from '@sluice/cluster'
import { healthOf as builtinHealth, type Health } from '@sluice/health'
import { type Clock, type KubeObject, ToolkitError } from '@sluice/ports'
import type { Site } from '../apply/placed.ts'
import { awaited } from './targets.ts'

export type WaitContext = {
  readonly site: Site
  readonly clock: Clock
  readonly timeoutMs: number
  /** See `ActionBounds`. */
  readonly interruption?: AbortSignal
  /** By the user's own expressions; the rules of the kinds when absent. */
  readonly healthOf?: JudgeHealth
}

/**
 * Waits until objects are what kstatus calls current; fails with the first that has failed.
 *
 * @throws {WaitError}
 */
export async function waitUntilCurrent(
  objects: readonly KubeObject[],
  { jobs }: { readonly jobs: boolean },
  { site, clock, timeoutMs, healthOf, interruption }: WaitContext,
): Promise<void> {
  const all = await awaited(
    objects.filter((it) => !isPaused(it)),
    site,
  )
  const vanishing = new Set(objects.filter(vanishesWhenDone).map(({ metadata }) => metadata.name))
  const usual: JudgeHealth =
    healthOf ?? ((object, pods) => builtinHealth(object, { now: clock.now(), ...(pods && { pods }) }))
  const { cluster, signal } = site
  const waiting = waitForReady(
    all.map(({ target }) => target),
    {
      cluster,
      signal: interruption ? AbortSignal.any([signal, interruption]) : signal,
      clock,
      timeoutMs,
      failFast: true,
      healthOf: jobs ? usual : (object, pods) => startedIsEnough(object, usual(object, pods)),
      mayBeAbsent: (id) => isJob(id) && vanishing.has(id.name),
    },
  )
  await waiting.catch((error: unknown) => {
    signal.throwIfAborted()
    // Why is told by the run itself.
    throw interruption?.aborted ? new WaitCanceledError() : error
  })
}

/** Waiting for objects was ended before they were ready. The message is Go's. */
class WaitCanceledError extends ToolkitError {
  override readonly name = 'WaitCanceledError'

  constructor() {
    super('WAIT_CANCELED', 'context canceled')
  }
}

/**
 * Waits until the Jobs and Pods among a hook's objects have come to their end; other kinds are ready as soon as they are
 * there. Never gives up early while one of them still works.
 *
 * @throws {WaitError}
 */
export async function waitForHooks(
  objects: readonly KubeObject[],
  { site, clock, timeoutMs, healthOf }: WaitContext,
): Promise<void> {
  const all = await awaited(objects, site)
  const vanishing = new Set(objects.filter(vanishesWhenDone).map(({ metadata }) => metadata.name))
  const { cluster, signal } = site
  await waitForReady(
    all.map(({ target }) => target),
    {
      cluster,
      signal,
      clock,
      timeoutMs,
      failFast: false,
      healthOf: (object) => hookHealth(object, { now: clock.now(), healthOf }),
      mayBeAbsent: (id) => isJob(id) && vanishing.has(id.name),
    },
  )
}

function hookHealth(
  object: KubeObject,
  { now, healthOf }: { readonly now: number; readonly healthOf: JudgeHealth | undefined },
): Health {
  const { apiVersion, kind } = object
  if (apiVersion === 'v1' && kind === 'Pod') return podEnd(object)
  if (apiVersion === 'batch/v1' && kind === 'Job') return builtinHealth(object, { now })
  // The user's expressions are for kinds that have no rule of their own.
  return healthOf && !isBuiltin(apiVersion)
    ? healthOf(object)
    : { status: 'Current', message: 'Resource is current' }
}

function podEnd({ metadata, ...object }: KubeObject): Health {
  const { phase } = (object['status'] ?? {}) as { readonly phase?: string }
  if (phase === 'Succeeded') return { status: 'Current', message: `pod ${metadata.name} succeeded` }
  if (phase === 'Failed') return { status: 'Failed', message: `pod ${metadata.name} failed` }
  return { status: 'InProgress', message: 'Pod in progress' }
}

/** Groups of Kubernetes itself have no domain, or one of its own. */
function isBuiltin(apiVersion: string): boolean {
  const [group = ''] = apiVersion.split('/')
  return !group.includes('.') || group.endsWith('.k8s.io')
}

/** Without `waitForJobs` a Job is fine as soon as it has begun. */
function startedIsEnough(object: KubeObject, health: Health): Health {
  if (object.kind !== 'Job' || health.status !== 'InProgress') return health
  const { startTime } = (object['status'] ?? {}) as { readonly startTime?: string }
  return startTime === undefined ? health : { status: 'Current', message: 'Job in progress' }
}

function isPaused({ apiVersion, kind, ...object }: KubeObject): boolean {
  const { paused } = (object['spec'] ?? {}) as { readonly paused?: unknown }
  return apiVersion === 'apps/v1' && kind === 'Deployment' && paused === true
}

/** A Job with a time to live may be gone before anybody looks. */
function vanishesWhenDone({ apiVersion, kind, ...object }: KubeObject): boolean {
  const { ttlSecondsAfterFinished } = (object['spec'] ?? {}) as {
    readonly ttlSecondsAfterFinished?: unknown
  }
  return apiVersion === 'batch/v1' && kind === 'Job' && ttlSecondsAfterFinished !== undefined
}

function isJob({ group, kind }: ObjectId): boolean {
  return group === 'batch' && kind === 'Job'
}
