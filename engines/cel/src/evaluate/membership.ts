import type { ListValue } from '../values/list-value.ts'
import { CelError, type CelValue, Double, Uint } from '../values/value.ts'
import { constantNode, type PlanNode } from './node.ts'

/**
 * `item in [constants]` as a look-up in a set, which costs nothing; `undefined` where the constants are not all
 * numbers, strings and booleans.
 */
export function membershipTest(item: PlanNode, list: ListValue): PlanNode | undefined {
  if (list.size === 0) return constantNode(false)
  const members = new Set<string | number | bigint | boolean>()
  for (const member of list.items) {
    const key = keyOf(member)
    if (key === undefined) return undefined
    members.add(key)
  }
  const { evaluate } = item
  return {
    evaluate: (frame) => {
      const value = evaluate(frame)
      if (value instanceof CelError) return value
      const key = keyOf(value)
      return key !== undefined && members.has(key)
    },
  }
}

/** Equal numbers have one key whatever their types are. NaN has none. */
function keyOf(value: CelValue): string | number | bigint | boolean | undefined {
  if (typeof value !== 'object') return value
  if (value instanceof Uint) return value.value
  if (!(value instanceof Double) || Number.isNaN(value.value)) return undefined
  if (!Number.isInteger(value.value) || Number.isSafeInteger(value.value)) return value.value + 0
  return BigInt(value.value)
}
