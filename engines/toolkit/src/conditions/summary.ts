import type { Condition } from '@sluice/ports'
import { type ConditionValue, compareConditions } from './condition-list.ts'

/** Which conditions a kind uses and how they add up to `target`. Declared once a kind, as data. */
export type ConditionTable = {
  /** The condition that sums up; `Ready` everywhere so far. */
  readonly target: string
  /** All conditions that the controller may write or remove; others' are left alone. */
  readonly owned: readonly string[]
  /** Conditions that make up the target, most telling first. Empty when the reconciler sets the target itself. */
  readonly summarize: readonly string[]
  /** Those whose `True` means that something is wrong. */
  readonly negativePolarity: readonly string[]
  /** Those whose `False` is the target's whatever the others say, such as a signature that is not valid. */
  readonly decisiveWhenFalse?: readonly string[]
  /** Whether the kind's status has no `observedGeneration`; conditions have theirs. */
  readonly withoutObservedGeneration?: boolean
}

type Ranked = { readonly condition: Condition; readonly negative: boolean; readonly rank: number }

/**
 * What `table.target` is, given the other conditions; `undefined` when none of them is there.
 *
 * The gravest group decides (something wrong, something required missing, all well, unknown), within it the order of
 * `table.summarize`; reason and message are the winner's.
 *
 * Source: FEATURES of Flux 2.9, "Ready is computed by merging the others"; fluxcd/pkg runtime/conditions, merge.
 */
export function summarizeConditions(
  conditions: readonly Condition[],
  table: ConditionTable,
): ConditionValue | undefined {
  const decisive = conditions.find(
    ({ type, status }) => status === 'False' && table.decisiveWhenFalse?.includes(type),
  )
  if (decisive) {
    const { reason, message } = decisive
    return { type: table.target, status: 'False', reason, message }
  }
  const ranked = conditions
    .filter((it) => table.summarize.includes(it.type))
    .map((condition) => rank(condition, table.negativePolarity.includes(condition.type)))
  const gravest = Math.min(...ranked.map((it) => it.rank))
  const candidates = ranked
    .filter((it) => it.rank === gravest)
    .toSorted((a, b) => compareByPriority(a.condition, b.condition, table.summarize))
  const [winner] = candidates
  if (!winner) return undefined
  return {
    type: table.target,
    status: statusOfTarget(winner),
    reason: winner.condition.reason,
    message: winner.condition.message,
  }
}

function rank(condition: Condition, negative: boolean): Ranked {
  return { condition, negative, rank: gravityOf(condition.status, negative) }
}

function gravityOf(status: Condition['status'], negative: boolean): number {
  switch (status) {
    case 'True':
      return negative ? 0 : 2
    case 'False':
      return negative ? 3 : 1
    case 'Unknown':
      return 4
  }
}

function statusOfTarget({ condition, negative }: Ranked): Condition['status'] {
  if (condition.status === 'Unknown' || !negative) return condition.status
  return condition.status === 'True' ? 'False' : 'True'
}

function compareByPriority(a: Condition, b: Condition, priority: readonly string[]): number {
  return priority.indexOf(a.type) - priority.indexOf(b.type) || compareConditions(a, b)
}
