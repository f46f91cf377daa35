import { declare, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { describeKey } from '../../evaluate/qualify.ts'
import type { Expression } from '../../syntax/expression.ts'
import { accumulatorName, type Macro, type MacroContext } from '../../syntax/macro.ts'
import { mapType, typeParameter } from '../../types/cel-type.ts'
import { LiteralMap, MapBuilder, MapValue } from '../../values/map-value.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'
import { gather, gatherList, type Quantifier, quantify, withVariables } from '../macros.ts'

const insert = 'cel.@mapInsert'
const key = typeParameter('K')
const value = typeParameter('V')
const map = mapType(key, value)
const complaint = 'argument must be a simple name'

function quantifierMacro(name: string, kind: Quantifier): Macro {
  return {
    name,
    argumentCount: 3,
    isMember: true,
    expand: withVariables(
      2,
      complaint,
      (context, range, { names, rest: [predicate] }) =>
        predicate && quantify(context, kind, range, { names, predicate }),
    ),
  }
}

type Transform = (
  context: MacroContext,
  range: Expression,
  parts: {
    readonly names: readonly string[]
    readonly filter: Expression | undefined
    readonly item: Expression
  },
) => Expression

/** A macro with two variables, and its form with a filter before the last argument. */
function transformMacros(name: string, transform: Transform): readonly Macro[] {
  return [false, true].map((hasFilter) => ({
    name,
    argumentCount: hasFilter ? 4 : 3,
    isMember: true,
    expand: withVariables(2, complaint, (context, range, { names, rest }) => {
      const [first, second] = rest
      const item = hasFilter ? second : first
      return item && transform(context, range, { names, filter: hasFilter ? first : undefined, item })
    }),
  }))
}

const toMap: Transform = (context, range, { names, filter, item }) => {
  const { nodes, offset } = context
  return gather(context, range, {
    names,
    filter,
    initial: nodes.map(offset, []),
    add: (accumulator) =>
      nodes.call(offset, insert, [accumulator, nodes.ident(offset, names[0] ?? accumulatorName), item]),
  })
}

const toMapByEntry: Transform = (context, range, { names, filter, item }) => {
  const { nodes, offset } = context
  return gather(context, range, {
    names,
    filter,
    initial: nodes.map(offset, []),
    add: (accumulator) => nodes.call(offset, insert, [accumulator, item]),
  })
}

/** The macros with index and item, or key and value. */
export const twoVariableLibrary: Library = {
  functions: [
    declare(insert, [
      overload('@mapInsert_map_key_value', [map, key, value], map, (into = null, name = null, item = null) =>
        into instanceof MapValue ? insertEntries(into, [[name, item]]) : noSuchOverload,
      ),
      overload('@mapInsert_map_map', [map, map], map, (into = null, entries = null) => {
        if (!(into instanceof MapValue) || !(entries instanceof MapValue)) return noSuchOverload
        return insertEntries(
          into,
          entries.keys().map((it) => [it, entries.find(it) ?? null]),
        )
      }),
    ]),
  ],
  macros: [
    quantifierMacro('all', 'all'),
    quantifierMacro('exists', 'exists'),
    quantifierMacro('existsOne', 'existsOne'),
    quantifierMacro('exists_one', 'existsOne'),
    ...transformMacros('transformList', gatherList),
    ...transformMacros('transformMap', toMap),
    ...transformMacros('transformMapEntry', toMapByEntry),
  ],
}

/** A map that a macro is filling; only the macro can see it, so that it may be changed in place. */
class GrowingMap extends LiteralMap {
  readonly builder: MapBuilder

  constructor(builder: MapBuilder) {
    super(builder)
    this.builder = builder
  }
}

function insertEntries(into: MapValue, entries: readonly (readonly [CelValue, CelValue])[]): CelValue {
  const growing = into instanceof GrowingMap ? into : grow(into)
  for (const [name, item] of entries) {
    if (growing.builder.has(name)) {
      return new CelError(`insert failed: key ${describeKey(name)} already exists`)
    }
    growing.builder.set(name, item)
  }
  return growing
}

function grow(from: MapValue): GrowingMap {
  const builder = new MapBuilder()
  for (const name of from.keys()) builder.set(name, from.find(name) ?? null)
  return new GrowingMap(builder)
}
