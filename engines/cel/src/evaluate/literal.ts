import { ListValue } from '../values/list-value.ts'
import { MapBuilder } from '../values/map-value.ts'
import { CelError, type CelValue, OptionalValue, typeOf } from '../values/value.ts'
import { listCost } from './fold.ts'
import { type Evaluate, type Frame, spend } from './frame.ts'
import { constantNode, type PlanNode } from './node.ts'

const mapCost = 30

/** Compiles a list; one of constants is made once when constants are folded. */
export function planList(
  nodes: readonly PlanNode[],
  optionals: ReadonlySet<number>,
  foldConstants: boolean,
): PlanNode {
  const isConstant = foldConstants && nodes.every(({ constant }) => constant !== undefined)
  if (isConstant && optionals.size === 0) {
    return constantNode(new ListValue(nodes.map(({ constant = null }) => constant)))
  }
  const elements = nodes.map(({ evaluate }) => evaluate)
  return { evaluate: optionals.size === 0 ? plainList(elements) : optionalList(elements, optionals) }
}

function plainList(elements: readonly Evaluate[]): Evaluate {
  return (frame) => {
    const items: CelValue[] = []
    for (const element of elements) {
      const item = element(frame)
      if (item instanceof CelError) return costing(frame, listCost, item)
      items.push(item)
    }
    return costing(frame, listCost, new ListValue(items))
  }
}

function optionalList(elements: readonly Evaluate[], optionals: ReadonlySet<number>): Evaluate {
  return (frame) => {
    const items: CelValue[] = []
    for (const [index, element] of elements.entries()) {
      const item = element(frame)
      if (item instanceof CelError) return costing(frame, listCost, item)
      if (!optionals.has(index)) items.push(item)
      else if (!(item instanceof OptionalValue)) {
        const failure = `cannot initialize optional list element from non-optional value ${describe(item)}`
        return costing(frame, listCost, new CelError(failure))
      } else if (item.value !== undefined) items.push(item.value)
    }
    return costing(frame, listCost, new ListValue(items))
  }
}

type EntryNode = { readonly key: PlanNode; readonly value: PlanNode; readonly isOptional: boolean }

/** Compiles a map; one of constants is made once when constants are folded. */
export function planMap(entries: readonly EntryNode[], foldConstants: boolean): PlanNode {
  const evaluate = evaluateMap(entries)
  const isConstant = entries.every(
    ({ key, value, isOptional }) => key.constant !== undefined && value.constant !== undefined && !isOptional,
  )
  if (!foldConstants || !isConstant) return { evaluate }
  const constant = evaluate({ variable: () => undefined, slots: [], cost: 0, costLimit: Infinity })
  return constant instanceof CelError ? { evaluate } : constantNode(constant)
}

function evaluateMap(entries: readonly EntryNode[]): Evaluate {
  return (frame) => {
    const builder = new MapBuilder()
    for (const entry of entries) {
      const failure = addEntry(frame, builder, entry)
      if (failure) return costing(frame, mapCost, failure)
    }
    return costing(frame, mapCost, builder.build())
  }
}

function addEntry(frame: Frame, builder: MapBuilder, entry: EntryNode): CelError | undefined {
  const key = entry.key.evaluate(frame)
  if (key instanceof CelError) return key
  const value = entry.value.evaluate(frame)
  if (value instanceof CelError) return value
  let kept: CelValue | undefined = value
  if (entry.isOptional) {
    if (!(value instanceof OptionalValue)) {
      const failure = `cannot initialize optional entry '${describe(key)}' from non-optional value ${describe(value)}`
      return new CelError(failure)
    }
    kept = value.value
  }
  if (kept === undefined) builder.delete(key)
  else builder.set(key, kept)
  return undefined
}

function describe(value: CelValue): string {
  return typeof value === 'object' && value !== null ? typeOf(value).name : String(value)
}

function costing(frame: Frame, cost: number, value: CelValue): CelValue {
  spend(frame, cost)
  return value
}
