import type { Run } from '@sluice/runtime'
import { conditionTypes, findCondition, reasons, type ToolkitObject } from '@sluice/toolkit'

/**
 * Sets Ready, with an event when the object was not ready before or was so with other words; else only traces what was
 * found.
 */
export function markReady<T extends ToolkitObject>(run: Run<T>, message: string, trace: string): void {
  const before = run.object.status?.conditions ?? []
  const isActive = (type: string): boolean => findCondition(before, type)?.status === 'True'
  const wasReady =
    isActive(conditionTypes.ready) &&
    !isActive(conditionTypes.stalled) &&
    !isActive(conditionTypes.reconciling)
  const isNews = !wasReady || findCondition(before, conditionTypes.ready)?.message !== message
  run.conditions.remove(conditionTypes.reconciling, conditionTypes.stalled)
  run.conditions.markTrue(conditionTypes.ready, reasons.succeeded, message)
  run.event({
    type: isNews ? 'Normal' : 'Trace',
    reason: reasons.succeeded,
    message: isNews ? message : trace,
  })
}
