import { declare, memberOverload, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import type { Macro } from '../../syntax/macro.ts'
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
import { isInt } from '../../values/numbers.ts'
import { CelError, type CelValue, noSuchOverload, typeOf } from '../../values/value.ts'
import { gatherList, readVariables } from '../macros.ts'

const element = typeParameter('T')
const list = listType(element)
const comparable: readonly CelType[] = [
  intType,
  uintType,
  doubleType,
  boolType,
  durationType,
  timestampType,
  stringType,
  bytesType,
]
const maxRange = 1_000_000

/** `slice`, `flatten`, `sort`, `sortBy`, `distinct`, `reverse` and `lists.range`. */
export const listsLibrary: Library = {
  functions: [
    declare('slice', [memberOverload('list_slice', [list, intType, intType], list, slice)]),
    declare(
      'flatten',
      [
        memberOverload('list_flatten', [listType(list)], list, (value = null) => flattenTo(value, 1)),
        memberOverload(
          'list_flatten_int',
          [listType(dynType), intType],
          listType(dynType),
          (value = null, depth = null) => flattenTo(value, depth),
        ),
      ],
      { isUnguarded: true },
    ),
    declare(
      'sort',
      comparable.map((type) => memberOverload(`list_${type.name}_sort`, [listType(type)], listType(type))),
      { shared: { call: (value = null) => sort(value, value), arity: 1, accepts: isList } },
    ),
    declare(
      '@sortByAssociatedKeys',
      comparable.map((type) =>
        memberOverload(`list_${type.name}_sortByAssociatedKeys`, [list, listType(type)], list),
      ),
      { shared: { call: (value = null, keys = null) => sort(value, keys), arity: 2, accepts: isList } },
    ),
    declare('lists.range', [overload('lists_range', [intType], listType(intType), range)]),
    declare('reverse', [
      memberOverload('list_reverse', [list], list, (value = null) =>
        value instanceof ListValue ? new ListValue(value.items.toReversed()) : noSuchOverload,
      ),
    ]),
    declare('distinct', [memberOverload('list_distinct', [list], list, distinct)]),
  ],
  macros: [sortByMacro()],
}

function isList(value: CelValue): boolean {
  return value instanceof ListValue
}

function slice(value: CelValue = null, start: CelValue = null, end: CelValue = null): CelValue {
  if (!(value instanceof ListValue) || !isInt(start) || !isInt(end)) return noSuchOverload
  const what = `cannot slice(${start}, ${end})`
  if (start < 0 || end < 0) return new CelError(`${what}, negative indexes not supported`)
  if (start > end) return new CelError(`${what}, start index must be less than or equal to end index`)
  if (end > value.size) return new CelError(`${what}, list is length ${value.size}`)
  return new ListValue(value.items.slice(Number(start), Number(end)))
}

function flattenTo(value: CelValue, depth: CelValue): CelValue {
  if (!(value instanceof ListValue)) return new CelError(`no such overload: ${typeOf(value).name}.flatten()`)
  if (!isInt(depth)) {
    return new CelError(`no such overload: ${typeOf(value).name}.flatten(${typeOf(depth).name})`)
  }
  if (depth < 0) return new CelError('level must be non-negative')
  const out: CelValue[] = []
  flattenInto(out, value, Number(depth))
  return new ListValue(out)
}

function flattenInto(out: CelValue[], { items }: ListValue, depth: number): void {
  for (const item of items) {
    if (item instanceof ListValue && depth > 0) flattenInto(out, item, depth - 1)
    else out.push(item)
  }
}

function range(count: CelValue = null): CelValue {
  if (!isInt(count)) return noSuchOverload
  if (count > maxRange) return new CelError(`range of ${count} exceeds ${maxRange}`)
  return new ListValue(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index))
}

function distinct(value: CelValue = null): CelValue {
  if (!(value instanceof ListValue)) return noSuchOverload
  const seen = new Set<CelValue>()
  const out: CelValue[] = []
  for (const item of value.items) {
    // Numbers of other types may be equal to these, so that a set does not tell all.
    if (seen.has(item) || out.some((other) => equalValues(item, other))) continue
    seen.add(item)
    out.push(item)
  }
  return new ListValue(out)
}

/** Orders the items of a list by keys of the same places. */
function sort(value: CelValue, keys: CelValue): CelValue {
  if (!(value instanceof ListValue) || !(keys instanceof ListValue)) return noSuchOverload
  if (value.size !== keys.size) {
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${value.size} and ${keys.size} elements respectively`,
    )
  }
  const [first] = keys.items
  if (first === undefined) return value
  if (compareValues(first, first) === undefined) return new CelError('list elements must be comparable')
  const type = typeOf(first)
  if (value.size > 1 && keys.items.some((key) => typeOf(key) !== type)) {
    return new CelError('list elements must have the same type')
  }
  const places = keys.items.map((key, place) => ({ key, place }))
  places.sort((a, b) => {
    const order = compareValues(a.key, b.key)
    return typeof order === 'number' ? order : 0
  })
  return new ListValue(places.map(({ place }) => value.items[place] ?? null))
}

const sortable = new Set(['list', 'select', 'ident', 'comprehension', 'call'])

/** `list.sortBy(x, key)`: the list is kept in a variable, and sorted by the keys of its items. */
function sortByMacro(): Macro {
  const input = '@__sortBy_input__'
  return {
    name: 'sortBy',
    argumentCount: 2,
    isMember: true,
    expand: (context, args, target) => {
      const { nodes, offset } = context
      if (!target) return undefined
      if (!sortable.has(target.kind)) {
        return {
          failure:
            'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
          at: target,
        }
      }
      const variables = readVariables(args.slice(0, 1), 'argument is not an identifier')
      if ('failure' in variables) return variables
      const [, item] = args
      if (!item) return undefined
      const keys = gatherList(context, nodes.ident(offset, input), {
        names: variables.names,
        filter: undefined,
        item,
      })
      return nodes.comprehension(offset, {
        range: nodes.list(offset, []),
        variable: '#unused',
        variable2: undefined,
        accumulator: input,
        initial: target,
        condition: nodes.literal(offset, false),
        step: nodes.ident(offset, input),
        result: nodes.call(offset, '@sortByAssociatedKeys', [keys], nodes.ident(offset, input)),
      })
    },
  }
}
