import type { Condition } from '@sluice/ports'
import { findCondition, removeCondition, sortConditions } from './condition-list.ts'

/**
 * Carries the changes from `before` to `after` over to `live`, which someone else may have changed meanwhile.
 *
 * Conditions that the controller owns end as in `after`; of others only its own changes are carried over, and those that
 * it did not touch stay as they are live.
 */
export function mergeConditions({
  before,
  after,
  live,
  owned,
}: {
  readonly before: readonly Condition[]
  readonly after: readonly Condition[]
  readonly live: readonly Condition[]
  readonly owned: readonly string[]
}): readonly Condition[] {
  let merged = live
  for (const type of new Set([...before, ...after].map((it) => it.type))) {
    const wanted = findCondition(after, type)
    if (!owned.includes(type) && sameCondition(findCondition(before, type), wanted)) continue
    merged = removeCondition(merged, type)
    if (wanted) merged = [...merged, wanted]
  }
  for (const type of owned) {
    if (!findCondition(after, type)) merged = removeCondition(merged, type)
  }
  return sortConditions(merged)
}

function sameCondition(a: Condition | undefined, b: Condition | undefined): boolean {
  if (!a || !b) return a === b
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.lastTransitionTime === b.lastTransitionTime &&
    a.observedGeneration === b.observedGeneration
  )
}
