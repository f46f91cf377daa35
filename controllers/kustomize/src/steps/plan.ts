import { changesOf, onlyPlans, type Plan, tellPlan } from '@sluice/applier'
import { type Change, inventoryDifference, inventoryOf, previewAll } from '@sluice/cluster'
import { errorChain, ToolkitError } from '@sluice/ports'
import type { Outcome } from '@sluice/runtime'
import { conditionTypes, reasons } from '@sluice/toolkit'
import { announce, revisionMetadata } from '../run-context.ts'
import { intervalMs } from '../timing.ts'
import { applyOptions, prepareObjects, refuseEncrypted } from './apply.ts'
import { deleteEntries } from './prune.ts'
import { failure, need, type Step, type Work } from './work.ts'

/**
 * Ends the run with a plan where that is asked for: every object passes a dry run, nothing is applied or deleted, and the
 * status says what would be, as drift from what was applied or as the next change.
 */
export const plan: Step = async (work) => {
  const { run, object } = work
  if (!onlyPlans(object)) {
    run.conditions.remove(conditionTypes.planned)
    return undefined
  }
  const revision = need(work, 'revision')
  await announce(run, 'Detecting drift', revision)
  try {
    return conclude(work, await makePlan(work))
  } catch (error) {
    run.signal.throwIfAborted()
    throw failure(work, reasons.reconciliationFailed, error)
  }
}

async function makePlan(work: Work): Promise<Plan> {
  const { run, object, deps, drift } = work
  const target = need(work, 'target')
  const { signal } = run
  const objects = prepareObjects(object, need(work, 'built').objects)
  for (const item of objects) refuseEncrypted(item)
  const stepOptions = { target, clock: deps.clock, signal, options: deps.options ?? {}, maxFailures: 1 }
  const { previews, failures } = await previewAll(objects, applyOptions(object, stepOptions))
  const changes = previews.map(({ change }) => change)
  // What was applied before the plan is watched, so that its drift is told of at once.
  if (!object.spec.kubeConfig) await drift.follow(changes, { cluster: deps.caches.cluster, signal })
  const deleted = failures.length > 0 ? [] : await deletions(work, inventoryOf(changes))
  return { ...changesOf(previews), deleted, failures }
}

/** What pruning would delete, once all objects are known. */
async function deletions(work: Work, entries: ReturnType<typeof inventoryOf>): Promise<readonly Change[]> {
  const { run, object } = work
  const stale = inventoryDifference(run.status.inventory?.entries ?? [], entries)
  if (!object.spec.prune || stale.length === 0) return []
  const target = need(work, 'target')
  const changes = await deleteEntries(object, stale, { target, signal: run.signal, dryRun: true })
  return changes.filter(({ action }) => action === 'deleted')
}

function conclude(work: Work, made: Plan): Outcome {
  const { run, object, seenDrift } = work
  const revision = need(work, 'revision')
  const title = `${titleOf(work)} ${revision.revision}`
  tellPlan(run, made, { title, seenDrift, metadata: revisionMetadata(revision) })
  if (made.failures.length > 0) {
    const refused = made.failures.map((error) => errorChain(error)).join('\n')
    throw new ToolkitError('PLAN_REFUSED', `${refused}\n`)
  }
  return { kind: 'done', requeueAfter: intervalMs(object.spec) }
}

/** The same build as the one that was applied last: what would change is what others have changed since. */
function titleOf({ run, built }: Work): string {
  const applied = (run.status.history ?? []).find(
    ({ lastReconciledStatus }) => lastReconciledStatus === reasons.reconciliationSucceeded,
  )
  return applied?.digest === built?.digest ? 'Drift from revision' : 'Plan for revision'
}
