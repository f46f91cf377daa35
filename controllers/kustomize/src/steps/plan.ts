import {
  type ApplyError,
  changedPaths,
  formatChange,
  formatObjectId,
  inventoryDifference,
  inventoryOf,
  type Preview,
  previewAll,
} from '@sluice/cluster'
import { errorChain, ToolkitError } from '@sluice/ports'
import type { Outcome } from '@sluice/runtime'
import { conditionTypes, enabledValue, type Kustomization, ownAnnotations, reasons } from '@sluice/toolkit'
import { announce, revisionMetadata } from '../run-context.ts'
import { intervalMs } from '../timing.ts'
import { applyOptions, prepareObjects, refuseEncrypted } from './apply.ts'
import { deleteEntries } from './prune.ts'
import { failure, need, type Step, type Work } from './work.ts'

/** Lines that the condition has at most. */
const maxLines = 200
/** Fields that a line names at most. */
const maxFields = 10

/** Whether the Kustomization is to be told what would be done rather than applied; beyond Flux. */
export function onlyPlans({ metadata }: Kustomization): boolean {
  return metadata.annotations?.[ownAnnotations.plan]?.toLowerCase() === enabledValue
}

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

type Plan = {
  readonly created: readonly Preview[]
  readonly configured: readonly Preview[]
  readonly deleted: readonly string[]
  readonly failures: readonly ApplyError[]
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
  return {
    created: previews.filter(({ change }) => change.action === 'created'),
    configured: previews.filter(({ change, takesOver }) => change.action === 'configured' || takesOver),
    deleted: failures.length > 0 ? [] : await deletions(work, inventoryOf(changes)),
    failures,
  }
}

/** What pruning would delete, once all objects are known. */
async function deletions(work: Work, entries: ReturnType<typeof inventoryOf>): Promise<readonly string[]> {
  const { run, object } = work
  const stale = inventoryDifference(run.status.inventory?.entries ?? [], entries)
  if (!object.spec.prune || stale.length === 0) return []
  const target = need(work, 'target')
  const changes = await deleteEntries(object, stale, { target, signal: run.signal, dryRun: true })
  return changes.filter(({ action }) => action === 'deleted').map(formatChange)
}

function conclude(work: Work, made: Plan): Outcome {
  const { run, object } = work
  const { conditions } = run
  const lines = linesOf(work, made)
  const { revision } = need(work, 'revision')
  const summary = `${titleOf(work)} ${revision}: ${summaryOf(made)}`
  const message = [summary, ...lines].join('\n')
  const before = conditions.get(conditionTypes.planned)?.message
  if (lines.length === 0) {
    conditions.markFalse(conditionTypes.planned, reasons.noChanges, message)
    conditions.markTrue(conditionTypes.ready, reasons.planned, summary)
  } else {
    conditions.markTrue(conditionTypes.planned, reasons.changesPending, message)
    conditions.markUnknown(conditionTypes.ready, reasons.planned, summary)
  }
  if (message !== before) {
    const metadata = revisionMetadata(need(work, 'revision'))
    run.event({ type: 'Normal', reason: reasons.planned, message, metadata })
  }
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

function summaryOf({ created, configured, deleted, failures }: Plan): string {
  const counts = [
    [created.length, 'to create'],
    [configured.length, 'to configure'],
    [deleted.length, 'to delete'],
    [failures.length, 'refused'],
  ] as const
  const parts = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return parts.length > 0 ? parts.join(', ') : 'nothing to change'
}

function linesOf({ seenDrift }: Work, made: Plan): readonly string[] {
  const lines = [
    ...[...made.created, ...made.configured].map((preview) => lineOf(preview, seenDrift)),
    ...made.deleted,
    ...made.failures.map(({ id }) => `${formatObjectId(id)} refused`),
  ]
  const more = lines.length - maxLines
  return more > 0 ? [...lines.slice(0, maxLines), `and ${more} more`] : lines
}

/** `Deployment/apps/web configured: spec.replicas`; never a value, which may be secret. */
function lineOf(
  { change, drift, recreates, takesOver }: Preview,
  seenDrift: ReadonlyMap<string, string>,
): string {
  const text = formatChange(change)
  if (recreates) return `${formatObjectId(change.id)} deleted and created`
  if (!drift) return takesOver ? `${text}: fields of other managers` : text
  const paths = changedPaths(drift.live, drift.wouldBe)
  const more = paths.length > maxFields ? ` and ${paths.length - maxFields} more` : ''
  const by = seenDrift.get(formatObjectId(change.id))
  return `${text}: ${paths.slice(0, maxFields).join(', ')}${more}${by === undefined ? '' : ` (seen: ${by})`}`
}
