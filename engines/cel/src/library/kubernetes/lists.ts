import { declare, type FunctionDeclaration, memberOverload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  stringType,
  timestampType,
  typeParameter,
  uintType,
} from '../../types/cel-type.ts'
import { compareValues, equalValues } from '../../values/equality.ts'
import { ListValue } from '../../values/list-value.ts'
import { Duration } from '../../values/time.ts'
import { CelError, type CelValue, Double, noSuchOverload, Uint } from '../../values/value.ts'
import { add } from '../standard/operators.ts'

const comparable: readonly (readonly [string, CelType])[] = [
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['bool', boolType],
  ['duration', durationType],
  ['timestamp', timestampType],
  ['string', stringType],
  ['bytes', bytesType],
]
const summable: readonly (readonly [string, CelType, CelValue])[] = [
  ['int', intType, 0],
  ['uint', uintType, new Uint(0)],
  ['double', doubleType, new Double(0)],
  ['duration', durationType, new Duration(0n)],
]
const item = typeParameter('A')

function ofList(compute: (items: readonly CelValue[]) => CelValue): (list?: CelValue) => CelValue {
  return (list = null) => (list instanceof ListValue ? compute(list.items) : noSuchOverload)
}

function isSorted(items: readonly CelValue[]): CelValue {
  for (let index = 1; index < items.length; index++) {
    const order = compareValues(items[index - 1] ?? null, items[index] ?? null)
    if (order === undefined) return noSuchOverload
    if (order === 1) return false
  }
  return true
}

/** `replacedWhen` is the order of the extreme so far to an item at which the item takes its place. */
function extreme(name: string, replacedWhen: number): FunctionDeclaration {
  const call = ofList((items) => {
    const [first, ...rest] = items
    if (first === undefined) return new CelError(`${name} called on empty list`)
    return rest.reduce((best, next) => (compareValues(best, next) === replacedWhen ? next : best), first)
  })
  return declare(
    name,
    comparable.map(([type, of]) => memberOverload(`list_${type}_${name}_${type}`, [listType(of)], of, call)),
  )
}

function indexFunction(
  name: string,
  id: string,
  find: (items: readonly CelValue[], wanted: CelValue) => number,
): FunctionDeclaration {
  return declare(name, [
    memberOverload(id, [listType(item), item], intType, (list = null, wanted = null) =>
      list instanceof ListValue ? find(list.items, wanted) : noSuchOverload,
    ),
  ])
}

/** `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf`, `includes`. */
export const kubernetesListsLibrary: Library = {
  functions: [
    declare(
      'isSorted',
      comparable.map(([type, of]) =>
        memberOverload(`list_${type}_is_sorted_bool`, [listType(of)], boolType, ofList(isSorted)),
      ),
    ),
    declare(
      'sum',
      summable.map(([type, of, zero]) =>
        memberOverload(
          `list_${type}_sum_${type}`,
          [listType(of)],
          of,
          ofList((items) =>
            items.reduce((sum, next) => (sum instanceof CelError ? sum : add(sum, next)), zero),
          ),
        ),
      ),
    ),
    extreme('max', -1),
    extreme('min', 1),
    indexFunction('indexOf', 'list_a_index_of_int', (items, wanted) =>
      items.findIndex((it) => equalValues(it, wanted)),
    ),
    indexFunction('lastIndexOf', 'list_a_last_index_of_int', (items, wanted) =>
      items.findLastIndex((it) => equalValues(it, wanted)),
    ),
    declare('includes', [
      memberOverload('list_includes_dyn_dyn', [dynType, dynType], boolType, (target = null, wanted = null) =>
        target instanceof ListValue
          ? target.items.some((it) => equalValues(it, wanted))
          : equalValues(target, wanted),
      ),
    ]),
  ],
}
