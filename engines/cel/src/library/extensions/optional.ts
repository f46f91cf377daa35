import { declare, memberOverload, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { goTypeOf } from '../../evaluate/qualify.ts'
import { operators } from '../../syntax/expression.ts'
import type { Macro } from '../../syntax/macro.ts'
import {
  boolType,
  dynType,
  intType,
  listType,
  mapType,
  optionalType,
  stringType,
  typeParameter,
} from '../../types/cel-type.ts'
import { ListValue } from '../../values/list-value.ts'
import { minUnixSeconds } from '../../values/time.ts'
import {
  CelError,
  type CelValue,
  Double,
  none,
  noSuchOverload,
  OptionalValue,
  Uint,
} from '../../values/value.ts'

const key = typeParameter('K')
const value = typeParameter('V')
const optional = optionalType(value)
const list = listType(value)
const map = mapType(key, value)

/** A macro that computes with the value of an optional when there is one. */
function mapMacro(name: 'optMap' | 'optFlatMap'): Macro {
  return {
    name,
    argumentCount: 2,
    isMember: true,
    expand: ({ nodes, offset }, [variable, result], target) => {
      if (!variable || !result || !target) return undefined
      if (variable.kind !== 'ident') {
        return { failure: `${name}() variable name must be a simple identifier`, at: variable }
      }
      const hasValue = nodes.call(offset, 'hasValue', [], target)
      const bound = nodes.comprehension(offset, {
        range: nodes.list(offset, []),
        variable: '#unused',
        variable2: undefined,
        accumulator: variable.name,
        initial: nodes.call(offset, 'value', [], nodes.copy(target)),
        condition: nodes.literal(offset, false),
        step: nodes.ident(offset, variable.name),
        result,
      })
      const yes = name === 'optMap' ? nodes.call(offset, 'optional.of', [bound]) : bound
      return nodes.call(offset, operators.conditional, [
        hasValue,
        yes,
        nodes.call(offset, 'optional.none', []),
      ])
    },
  }
}

/** Optional values, their syntax and functions. */
export const optionalLibrary: Library = {
  optionalSyntax: true,
  types: [optionalType(dynType)],
  macros: [mapMacro('optMap'), mapMacro('optFlatMap')],
  functions: [
    declare('optional.of', [
      overload('optional_of', [value], optional, (it = null) => new OptionalValue(it)),
    ]),
    declare('optional.ofNonZeroValue', [
      overload('optional_ofNonZeroValue', [value], optional, (it = null) =>
        isZero(it) ? none : new OptionalValue(it),
      ),
    ]),
    declare('optional.none', [overload('optional_none', [], optional, () => none)]),
    declare('value', [
      memberOverload('optional_value', [optional], value, (it = null) => {
        if (!(it instanceof OptionalValue)) return noSuchOverload
        return it.value ?? (it.value === null ? null : new CelError('optional.none() dereference'))
      }),
    ]),
    declare('hasValue', [
      memberOverload('optional_hasValue', [optional], boolType, (it = null) =>
        it instanceof OptionalValue ? it.value !== undefined : noSuchOverload,
      ),
    ]),
    declare('or', [memberOverload('optional_or_optional', [optional, optional], optional)]),
    declare('orValue', [memberOverload('optional_orValue_value', [optional, value], value)]),
    declare(operators.optionalSelect, [overload('select_optional_field', [dynType, stringType], optional)]),
    declare(operators.optionalIndex, [
      overload('list_optindex_optional_int', [list, intType], optional),
      overload('optional_list_optindex_optional_int', [optionalType(list), intType], optional),
      overload('map_optindex_optional_value', [map, key], optional),
      overload('optional_map_optindex_optional_value', [optionalType(map), key], optional),
    ]),
    declare(operators.index, [
      overload('optional_list_index_int', [optionalType(list), intType], optional),
      overload('optional_map_index_value', [optionalType(map), key], optional),
    ]),
    declare('last', [memberOverload('list_last', [list], optional, (it = null) => end(it, -1))]),
    declare('first', [memberOverload('list_first', [list], optional, (it = null) => end(it, 0))]),
    declare('optional.unwrap', [overload('optional_unwrap', [listType(optional)], list, unwrap)]),
    declare('unwrapOpt', [memberOverload('optional_unwrapOpt', [listType(optional)], list, unwrap)]),
  ],
}

function end(it: CelValue, at: number): CelValue {
  if (!(it instanceof ListValue)) return noSuchOverload
  const item = it.items.at(at)
  return item === undefined ? none : new OptionalValue(item)
}

function unwrap(it: CelValue = null): CelValue {
  if (!(it instanceof ListValue)) return noSuchOverload
  const out: CelValue[] = []
  for (const item of it.items) {
    if (!(item instanceof OptionalValue)) return new CelError(`value ${goTypeOf(item)} is not optional`)
    if (item.value !== undefined) out.push(item.value)
  }
  return new ListValue(out)
}

/** Whether a value is the zero of its type, or empty. */
function isZero(it: CelValue): boolean {
  if (it === null || it === false || it === 0 || it === '') return true
  if (typeof it !== 'object') return false
  if (it instanceof Uint || it instanceof Double) return it.value === 0
  if (it instanceof Uint8Array) return it.length === 0
  if (it instanceof OptionalValue) return it.value === undefined
  if (!('kind' in it)) return false
  switch (it.kind) {
    case 'list':
    case 'map':
      return it.size === 0
    case 'duration':
      return it.nanos === 0n
    case 'timestamp':
      return it.seconds === minUnixSeconds && it.nanos === 0
  }
}
