import type { KubeObject } from '@sluice/ports'
import { mapConcurrently } from '../map-concurrently.ts'
import { ApplyError, PartialApplyError, RefusedStageError } from './apply-error.ts'
import type { ApplyOptions } from './apply-options.ts'
import type { ChangeSet } from './change-set.ts'
import { compareIds, type Stage, stageOf } from './kind-order.ts'
import { idOf } from './object-id.ts'
import { type Plan, planApply } from './plan.ts'
import { waitForReady } from './wait.ts'

const stages: readonly Stage[] = ['definitions', 'classes', 'custom', 'rest']
const waitedFor: ReadonlySet<Stage> = new Set(['definitions', 'classes'])
const noKinds: ReadonlySet<string> = new Set()

/**
 * Applies objects by server-side apply: definitions of the cluster first, then classes, then what `customStageKinds` names,
 * then the rest; definitions and classes are waited for. Within a stage all objects pass a dry run before one is written,
 * and only those that it would change are.
 *
 * @throws {PartialApplyError} with what was done before the failure.
 */
export async function applyStaged(objects: readonly KubeObject[], options: ApplyOptions): Promise<ChangeSet> {
  const done: ChangeSet[] = []
  const customKinds = options.customStageKinds ?? noKinds
  try {
    for (const stage of stages) {
      const members = objects.filter((it) => stageOf(it, customKinds) === stage)
      if (members.length === 0) continue
      // Each stage builds on the one before it.
      const changes = await applyAll(members, options)
      done.push(changes)
      if (waitedFor.has(stage)) await waitForStage(changes, options)
    }
  } catch (error) {
    throw new PartialApplyError(error, done.flat())
  }
  return done.flat()
}

/** Applies objects in the order of their kinds, all of them in one stage. Nothing is written when a dry run fails. */
export async function applyAll(objects: readonly KubeObject[], options: ApplyOptions): Promise<ChangeSet> {
  const { cluster, signal, fieldManager } = options
  const ordered = objects
    .map((object) => ({ object, id: idOf(object) }))
    .toSorted((a, b) => compareIds(a.id, b.id))
  const plans = await planAll(
    ordered.map(({ object }) => object),
    options,
  )
  for (const { apply, change } of plans) {
    if (!apply) continue
    try {
      // In order: later kinds may need earlier ones.
      await cluster.apply(apply.resource, apply.object, { signal, fieldManager, force: true })
    } catch (cause) {
      throw new ApplyError('APPLY_FAILED', change.id, 'apply failed', { cause })
    }
  }
  return plans.map((it) => it.change)
}

/** Plans for all objects. @throws {RefusedStageError} */
async function planAll(objects: readonly KubeObject[], options: ApplyOptions): Promise<readonly Plan[]> {
  const { signal, concurrency = 4, maxFailures = 1 } = options
  const failures = new Map<number, unknown>()
  const plans = await mapConcurrently([...objects.entries()], concurrency, async ([at, object]) => {
    if (failures.size >= maxFailures) return undefined
    try {
      return await planApply(object, options)
    } catch (error) {
      signal.throwIfAborted()
      failures.set(at, error)
      return undefined
    }
  })
  // In the order of the objects, whichever was refused first.
  if (failures.size > 0) {
    throw new RefusedStageError([...failures].toSorted(([a], [b]) => a - b).map(([, it]) => it))
  }
  return plans.filter((it) => it !== undefined)
}

async function waitForStage(changes: ChangeSet, options: ApplyOptions): Promise<void> {
  const { cluster, clock, signal, waitTimeoutMs = 60_000 } = options
  const targets = changes.filter((it) => it.action !== 'skipped')
  await waitForReady(targets, { cluster, clock, signal, timeoutMs: waitTimeoutMs, failFast: false })
}
