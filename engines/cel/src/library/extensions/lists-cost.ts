import { type CostRule, costSize, type TrackCost } from '../../cost/cost-tracker.ts'
import { ListValue } from '../../values/list-value.ts'
import { isInt } from '../../values/numbers.ts'
import type { CelValue } from '../../values/value.ts'

const listCost = 10

function allocation(factor: number, size: number): number {
  return Math.trunc(size * factor) + 1 + listCost
}

const byResult: TrackCost = (_, result) => allocation(1, costSize(result))
const byFlattening: TrackCost = ([list, depth]) =>
  allocation(depth !== undefined && isInt(depth) ? Number(depth) : 1, costSize(list))

/** Comparing every item with every other, more for items that take long to compare. */
function bySelfComparison(list: CelValue | undefined): number {
  const size = costSize(list)
  const [first] = list instanceof ListValue ? list.items : []
  const isText = typeof first === 'string' || first instanceof Uint8Array
  return allocation(isText ? 2.1 : 2, size * size)
}

const bySignature: ReadonlyMap<string, TrackCost> = new Map([
  ['list_slice', byResult],
  ['list_flatten', byFlattening],
  ['list_flatten_int', byFlattening],
  ['lists_range', byResult],
  ['list_reverse', byResult],
  ['list_distinct', ([list]: readonly CelValue[]): number => bySelfComparison(list)],
])

/** Costs of the lists extension. */
export const listsCost: CostRule = (_, overloadId) => {
  const known = bySignature.get(overloadId)
  if (known) return known
  if (/^list_.*_sort$/.test(overloadId)) return ([list]) => bySelfComparison(list)
  if (overloadId.endsWith('_sortByAssociatedKeys')) return ([, keys]) => bySelfComparison(keys)
  return undefined
}
