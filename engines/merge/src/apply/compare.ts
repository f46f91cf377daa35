import type { JsonObject, JsonValue } from '@sluice/ports'
import { fieldOf, isList, isObject, jsonEqual } from '../patch/json-values.ts'
import { emptySet, type FieldSet, isEmptySet, leaf } from './field-set.ts'
import { fieldType, itemStep, itemType, type Shape, shapeOf, type ValueType } from './typed-value.ts'

/** How two versions of a value differ, as sets of paths. */
export type Comparison = {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

export const sameComparison: Comparison = { added: emptySet, modified: emptySet, removed: emptySet }

/** What one has to do to get from `before` to `after`. */
export function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  type: ValueType,
): Comparison {
  if (before === after) return sameComparison
  if (before === undefined) {
    return after === undefined ? sameComparison : { ...sameComparison, added: everyPath(after, type) }
  }
  if (after === undefined) return { ...sameComparison, removed: everyPath(before, type) }
  if (before === null) return compareEmpty(after, type)
  const shape = shapeOf(type, before)
  if (shape !== shapeOf(type, after)) return changedKind(before, after, type)
  if (shape === 'map' && isObject(before) && isObject(after)) return compareMaps(before, after, type)
  if (shape !== 'scalar' && isList(before) && isList(after)) {
    return compareLists(before, after, { type, shape })
  }
  return jsonEqual(before, after) ? sameComparison : { ...sameComparison, modified: leaf }
}

/** A null is what an empty list or map is: what comes into it is added, the field itself has been there. */
function compareEmpty(after: JsonValue, type: ValueType): Comparison {
  if (shapeOf(type, after) === 'scalar') return { ...sameComparison, modified: leaf }
  const { children } = everyPath(after, type)
  return children.size === 0
    ? { ...sameComparison, modified: leaf }
    : { ...sameComparison, added: { member: false, children } }
}

/** Every path in a value, inner nodes included, as something that has been added or removed as a whole. */
function everyPath(value: JsonValue, type: ValueType): FieldSet {
  const shape = shapeOf(type, value)
  const children = new Map<string, FieldSet>()
  if (shape === 'map' && isObject(value)) {
    for (const name of Object.keys(value)) {
      const field = value[name]
      const known = field === undefined ? undefined : fieldType(type, name)
      if (field !== undefined && known) children.set(`f:${name}`, everyPath(field, known))
    }
  } else if (shape !== 'scalar' && isList(value)) {
    const items = itemType(type)
    for (const item of value) {
      const step = itemStep(type, shape, item)
      if (step !== undefined) children.set(step, shape === 'set' ? leaf : everyPath(item, items))
    }
  }
  return children.size === 0 ? leaf : { member: true, children }
}

function changedKind(before: JsonValue, after: JsonValue, type: ValueType): Comparison {
  if (shapeOf(type, before) === 'scalar' && shapeOf(type, after) === 'scalar') {
    return { ...sameComparison, modified: leaf }
  }
  const added = everyPath(after, type)
  const removed = everyPath(before, type)
  return {
    added: { ...added, member: false },
    removed: { ...removed, member: false },
    modified: leaf,
  }
}

class Collector {
  readonly #added = new Map<string, FieldSet>()
  readonly #modified = new Map<string, FieldSet>()
  readonly #removed = new Map<string, FieldSet>()

  add(step: string, { added, modified, removed }: Comparison): void {
    if (!isEmptySet(added)) this.#added.set(step, added)
    if (!isEmptySet(modified)) this.#modified.set(step, modified)
    if (!isEmptySet(removed)) this.#removed.set(step, removed)
  }

  result(): Comparison {
    return {
      added: nodeOf(this.#added),
      modified: nodeOf(this.#modified),
      removed: nodeOf(this.#removed),
    }
  }
}

function nodeOf(children: ReadonlyMap<string, FieldSet>): FieldSet {
  return children.size === 0 ? emptySet : { member: false, children }
}

function compareMaps(before: JsonObject, after: JsonObject, type: ValueType): Comparison {
  const collector = new Collector()
  const visit = (name: string): void => {
    const known = fieldType(type, name)
    if (known) collector.add(`f:${name}`, compare(fieldOf(before, name), fieldOf(after, name), known))
  }
  for (const name of Object.keys(before)) visit(name)
  for (const name of Object.keys(after)) if (fieldOf(before, name) === undefined) visit(name)
  return collector.result()
}

function compareLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  { type, shape }: { readonly type: ValueType; readonly shape: Shape },
): Comparison {
  const collector = new Collector()
  const items = shape === 'set' ? 'opaque' : itemType(type)
  const then = itemsByStep(before, type, shape)
  const now = itemsByStep(after, type, shape)
  for (const [step, item] of then) {
    const other = now.get(step)
    const single = item.length === 1 && (!other || other.length === 1)
    // Of duplicates only the whole counts.
    if (single) collector.add(step, compare(item[0], other?.[0], items))
    else if (!jsonEqual(item, other ?? [])) {
      collector.add(
        step,
        other ? { ...sameComparison, modified: leaf } : { ...sameComparison, removed: leaf },
      )
    }
  }
  for (const [step, item] of now) if (!then.has(step)) collector.add(step, compare(undefined, item[0], items))
  return collector.result()
}

function itemsByStep(list: readonly JsonValue[], type: ValueType, shape: Shape): Map<string, JsonValue[]> {
  const result = new Map<string, JsonValue[]>()
  for (const item of list) {
    const step = itemStep(type, shape, item)
    if (step === undefined) continue
    const known = result.get(step)
    if (known) known.push(item)
    else result.set(step, [item])
  }
  return result
}
