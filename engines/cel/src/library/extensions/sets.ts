import { type CostRule, costSize } from '../../cost/cost-tracker.ts'
import { declare, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { boolType, listType, typeParameter } from '../../types/cel-type.ts'
import { ListValue } from '../../values/list-value.ts'
import { type CelValue, noSuchOverload } from '../../values/value.ts'
import { contains } from '../standard/operators.ts'

const list = listType(typeParameter('T'))

/** Lists as sets: `sets.contains`, `sets.equivalent`, `sets.intersects`. */
export const setsLibrary: Library = {
  functions: [
    setFunction('sets.contains', 'list_sets_contains_list', includes),
    setFunction('sets.equivalent', 'list_sets_equivalent_list', (a, b) => includes(a, b) && includes(b, a)),
    setFunction('sets.intersects', 'list_sets_intersects_list', (a, b) =>
      a.items.some((item) => contains(item, b) === true),
    ),
  ],
}

function setFunction(
  name: string,
  id: string,
  test: (a: ListValue, b: ListValue) => boolean,
): ReturnType<typeof declare> {
  const call = (a: CelValue = null, b: CelValue = null): CelValue =>
    a instanceof ListValue && b instanceof ListValue ? test(a, b) : noSuchOverload
  return declare(name, [overload(id, [list, list], boolType, call)])
}

function includes(whole: ListValue, part: ListValue): boolean {
  return part.items.every((item) => contains(item, whole) === true)
}

/** Every item of one list is compared with every item of the other, twice for equivalence. */
export const setsCost: CostRule = (_, overloadId) => {
  if (!overloadId.startsWith('list_sets_')) return undefined
  const factor = overloadId === 'list_sets_equivalent_list' ? 2 : 1
  return ([a, b]) => 1 + Math.trunc(costSize(a) * costSize(b) * factor)
}
