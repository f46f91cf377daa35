import type { Condition } from '@sluice/ports'

/** What a reconciler says about one condition; times and generations are filled in by {@link setCondition}. */
export type ConditionValue = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** When and for which generation of the object conditions are set. `now` in milliseconds since the epoch. */
export type Observation = { readonly now: number; readonly generation: number }

/** Longest message a condition may carry, in characters. */
const maxMessageLength = 32_768
const ellipsis = '...'

/** First in the list, in this order; all others follow. */
const leading = new Map([
  ['Stalled', 0],
  ['Reconciling', 1],
  ['Ready', 2],
])

/** The condition of this type, or `undefined`. */
export function findCondition(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((it) => it.type === type)
}

/**
 * The list with `value` in it, in display order.
 *
 * `lastTransitionTime` moves when status, reason or message change, unlike in Kubernetes, where only the status counts;
 * a new observed generation alone keeps it.
 *
 * Source: fluxcd/pkg runtime/conditions, the rules of Set.
 */
export function setCondition(
  conditions: readonly Condition[],
  value: ConditionValue,
  { now, generation }: Observation,
): readonly Condition[] {
  const message = trimMessage(value.message)
  const old = findCondition(conditions, value.type)
  const unchanged =
    old !== undefined && old.status === value.status && old.reason === value.reason && old.message === message
  if (unchanged && old.observedGeneration === generation) return conditions

  const condition: Condition = {
    type: value.type,
    status: value.status,
    reason: value.reason,
    message,
    lastTransitionTime: unchanged ? old.lastTransitionTime : formatTime(now),
    observedGeneration: generation,
  }
  return sortConditions([...conditions.filter((it) => it.type !== value.type), condition])
}

/** The list without the condition of this type. */
export function removeCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.some((it) => it.type === type) ? conditions.filter((it) => it.type !== type) : conditions
}

/** Stalled, Reconciling and Ready first, then the latest generation, then by type. */
export function sortConditions(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.toSorted(compareConditions)
}

/** Order of two conditions in the list. */
export function compareConditions(a: Condition, b: Condition): number {
  const [leadingA, leadingB] = [leading.get(a.type), leading.get(b.type)]
  if (leadingA !== undefined && leadingB !== undefined) return leadingA - leadingB
  if (leadingA !== undefined) return -1
  if (leadingB !== undefined) return 1
  const byGeneration = (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0)
  if (byGeneration !== 0) return byGeneration
  if (a.type === b.type) return 0
  return a.type < b.type ? -1 : 1
}

/** A time as the API prints it: RFC 3339, UTC, whole seconds. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function trimMessage(message: string): string {
  return message.length > maxMessageLength
    ? message.slice(0, maxMessageLength - ellipsis.length) + ellipsis
    : message
}
