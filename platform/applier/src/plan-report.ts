import {
  type ApplyError,
  type Change,
  changedPaths,
  formatChange,
  formatObjectId,
  type Preview,
} from '@sluice/cluster'
import type { Run } from '@sluice/runtime'
import { conditionTypes, enabledValue, ownAnnotations, reasons, type ToolkitObject } from '@sluice/toolkit'

/** What a run would do. */
export type Plan = {
  readonly created: readonly Preview[]
  readonly configured: readonly Preview[]
  readonly deleted: readonly Change[]
  readonly failures: readonly ApplyError[]
  /** What it would do besides, each a line; whether it counts as something to do. */
  readonly others?: readonly { readonly line: string; readonly counts: boolean }[]
}

/** Lines that the condition has at most. */
const maxLines = 200
/** Fields that a line names at most. */
const maxFields = 10

/** Whether an object is to be told what would be done rather than applied; beyond Flux. */
export function onlyPlans({ metadata }: Pick<ToolkitObject, 'metadata'>): boolean {
  return metadata.annotations?.[ownAnnotations.plan]?.toLowerCase() === enabledValue
}

/** What would be created and configured, of previews of all objects. */
export function changesOf(previews: readonly Preview[]): Pick<Plan, 'created' | 'configured'> {
  return {
    created: previews.filter(({ change }) => change.action === 'created'),
    configured: previews.filter(({ change, takesOver }) => change.action === 'configured' || takesOver),
  }
}

/**
 * Tells a plan in the conditions `Planned` and `Ready`, and in an event where it is another than before. Ready is unknown as
 * long as there is something to do.
 */
export function tellPlan<T extends ToolkitObject>(
  { conditions, event }: Pick<Run<T>, 'conditions' | 'event'>,
  plan: Plan,
  {
    title,
    seenDrift,
    metadata,
  }: {
    /** What the plan is of, such as `Plan for revision main@sha1:…`. */
    readonly title: string
    /** Who changed objects, as `Kind/namespace/name` → words. */
    readonly seenDrift: ReadonlyMap<string, string>
    readonly metadata: Readonly<Record<string, string>>
  },
): void {
  const lines = linesOf(plan, seenDrift)
  const summary = `${title}: ${summaryOf(plan)}`
  const message = [summary, ...lines].join('\n')
  const before = conditions.get(conditionTypes.planned)?.message
  if (lines.length === 0) {
    conditions.markFalse(conditionTypes.planned, reasons.noChanges, message)
    conditions.markTrue(conditionTypes.ready, reasons.planned, summary)
  } else {
    conditions.markTrue(conditionTypes.planned, reasons.changesPending, message)
    conditions.markUnknown(conditionTypes.ready, reasons.planned, summary)
  }
  if (message !== before) event({ type: 'Normal', reason: reasons.planned, message, metadata })
}

function summaryOf({ created, configured, deleted, failures, others = [] }: Plan): string {
  const counts = [
    [created.length, 'to create'],
    [configured.length, 'to configure'],
    [deleted.length, 'to delete'],
    [others.filter(({ counts: isCounted }) => isCounted).length, 'to run'],
    [failures.length, 'refused'],
  ] as const
  const parts = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return parts.length > 0 ? parts.join(', ') : 'nothing to change'
}

function linesOf(plan: Plan, seenDrift: ReadonlyMap<string, string>): readonly string[] {
  const lines = [
    ...[...plan.created, ...plan.configured].map((preview) => lineOf(preview, seenDrift)),
    ...plan.deleted.map(formatChange),
    ...(plan.others ?? []).map(({ line }) => line),
    ...plan.failures.map(({ id }) => `${formatObjectId(id)} refused`),
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
