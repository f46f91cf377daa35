import type { JsonObject, JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'
import { fieldOf, isList, isObject, jsonEqual, type MutableObject, setField } from './json-values.ts'
import { PatchError } from './patch-error.ts'

const directive = '$patch'
const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'
const retainKeys = '$retainKeys'

/**
 * Applies a strategic merge patch with the merge keys that the schema of a built-in type declares. Where the schema
 * says nothing, objects merge and lists are replaced. Neither argument is changed.
 *
 * Source: https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 * @throws {PatchError} when a directive or an item of a keyed list is malformed.
 */
export function strategicMerge(
  original: JsonObject,
  patch: JsonObject,
  schema: StructuralSchema | undefined,
): JsonObject {
  return mergeObject(original, patch, schema)
}

function mergeObject(
  original: JsonObject,
  patch: JsonObject,
  schema: StructuralSchema | undefined,
): JsonObject {
  const mode = fieldOf(patch, directive)
  if (mode === 'replace') return withoutDirectives(patch)
  if (mode === 'delete') return {}
  if (mode !== undefined && mode !== 'merge') throw unknownDirective(mode)
  const result: MutableObject = retained(original, patch)
  for (const name of Object.keys(patch)) {
    const value = patch[name]
    if (value === undefined || isDirective(name)) continue
    if (value === null) {
      delete result[name]
      continue
    }
    const child = schema?.field(name)
    const current = fieldOf(result, name)
    setField(result, name, mergeField(current, value, { schema: child, parent: patch, name }))
  }
  applyListDirectives(result, patch, { original, schema })
  return result
}

type Field = {
  readonly schema: StructuralSchema | undefined
  readonly parent: JsonObject
  readonly name: string
}

function mergeField(current: JsonValue | undefined, value: JsonValue, field: Field): JsonValue {
  const { schema } = field
  const strategies = schema?.patchStrategies ?? []
  if (isObject(value)) {
    if (strategies.includes('replace')) return withoutDirectives(value)
    return mergeObject(isObject(current) ? current : {}, value, schema)
  }
  if (!isList(value)) return value
  if (!strategies.includes('merge')) return value.filter((it) => !isListDirective(it)).map(cleaned)
  const list = isList(current) ? current : []
  const key = schema?.patchMergeKey ?? ''
  return key === '' ? mergeSet(list, value) : mergeKeyed(list, value, { key, items: schema?.items })
}

/** A list of plain values: the union. */
function mergeSet(list: readonly JsonValue[], patch: readonly JsonValue[]): JsonValue[] {
  const result = [...list]
  for (const item of patch) if (!result.some((it) => jsonEqual(it, item))) result.push(item)
  return ordered(result, { order: patch, original: list, key: '' })
}

type Keyed = { readonly key: string; readonly items: StructuralSchema | undefined }

function mergeKeyed(
  list: readonly JsonValue[],
  patch: readonly JsonValue[],
  { key, items }: Keyed,
): readonly JsonValue[] {
  const objects = patch.map((item) => {
    if (!isObject(item)) throw new PatchError('PATCH_INVALID', `items of a list merged by ${key} are objects`)
    return item
  })
  if (objects.some((it) => fieldOf(it, directive) === 'replace')) {
    return objects.filter((it) => fieldOf(it, directive) === undefined).map(withoutDirectives)
  }
  const places = new Map<JsonValue, number>()
  const result: (JsonValue | undefined)[] = [...list]
  result.forEach((item, index) => {
    const value = isObject(item) ? fieldOf(item, key) : undefined
    if (value !== undefined && !places.has(value)) places.set(value, index)
  })
  for (const item of objects) {
    const mode = fieldOf(item, directive)
    const value = fieldOf(item, key)
    if (value === undefined) {
      throw new PatchError(
        'PATCH_INVALID',
        `map: map[${Object.keys(item).join(' ')}] does not contain declared merge key: ${key}`,
      )
    }
    const place = places.get(value)
    if (mode === 'delete') {
      if (place !== undefined) result[place] = undefined
      places.delete(value)
    } else if (place === undefined) {
      places.set(value, result.push(mergeObject({}, item, items)) - 1)
    } else {
      const current = result[place]
      result[place] = mergeObject(isObject(current) ? current : {}, item, items)
    }
  }
  const order = objects.filter((it) => fieldOf(it, directive) !== 'delete')
  return ordered(
    result.filter((it) => it !== undefined),
    { order, original: list, key },
  )
}

type ListParent = { readonly original: JsonObject; readonly schema: StructuralSchema | undefined }

/** `$deleteFromPrimitiveList/x` and `$setElementOrder/x` beside the lists that they are about. */
function applyListDirectives(
  result: MutableObject,
  patch: JsonObject,
  { original, schema }: ListParent,
): void {
  for (const name of Object.keys(patch)) {
    const value = patch[name]
    if (name.startsWith(deletePrefix)) {
      const field = name.slice(deletePrefix.length)
      const current = fieldOf(result, field)
      if (!isList(value)) throw new PatchError('PATCH_INVALID', `${name} is not a list`)
      if (isList(current)) {
        const kept = current.filter((it) => !value.some((gone) => jsonEqual(it, gone)))
        setField(result, field, kept)
      }
    } else if (name.startsWith(orderPrefix)) {
      const field = name.slice(orderPrefix.length)
      const current = fieldOf(result, field)
      const before = fieldOf(original, field)
      if (!isList(value)) throw new PatchError('PATCH_INVALID', `${name} is not a list`)
      if (isList(current)) {
        const key = schema?.field(field)?.patchMergeKey ?? ''
        setField(
          result,
          field,
          ordered(current, { order: value, original: isList(before) ? before : [], key }),
        )
      }
    }
  }
}

type Order = {
  /** The items, or just their keys, that come in this order. */
  readonly order: readonly JsonValue[]
  /** The list as it was before the patch. */
  readonly original: readonly JsonValue[]
  /** Empty for lists of plain values. */
  readonly key: string
}

/**
 * Brings the items that `order` names into its order, and puts the others among them: one comes before a named item if
 * it did so in the original list, else after all that are named. So what is new goes to the front of what it does not
 * name.
 */
function ordered(list: readonly JsonValue[], { order, original, key }: Order): JsonValue[] {
  const identity = (item: JsonValue): JsonValue | undefined =>
    key === '' ? item : isObject(item) ? fieldOf(item, key) : undefined
  const rank = firstPlaces(order.map(identity))
  const before = firstPlaces(original.map(identity))
  const named = list
    .filter((item) => rank.has(identity(item)))
    .toSorted((a, b) => (rank.get(identity(a)) ?? 0) - (rank.get(identity(b)) ?? 0))
  const others = list.filter((item) => !rank.has(identity(item)))
  const result: JsonValue[] = []
  let next = 0
  for (const item of named) {
    const place = before.get(identity(item)) ?? -1
    while (next < others.length) {
      const other = others[next] ?? null
      if ((before.get(identity(other)) ?? Infinity) >= place) break
      result.push(other)
      next += 1
    }
    result.push(item)
  }
  return [...result, ...others.slice(next)]
}

function firstPlaces<T>(items: readonly T[]): ReadonlyMap<T, number> {
  return new Map([...items.entries()].toReversed().map(([index, item]) => [item, index]))
}

function retained(original: JsonObject, patch: JsonObject): MutableObject {
  const keys = fieldOf(patch, retainKeys)
  if (keys === undefined) return { ...original }
  if (!isList(keys)) throw new PatchError('PATCH_INVALID', '$retainKeys is not a list')
  return Object.fromEntries(Object.entries(original).filter(([name]) => keys.includes(name)))
}

function isDirective(name: string): boolean {
  return (
    name === directive || name === retainKeys || name.startsWith(orderPrefix) || name.startsWith(deletePrefix)
  )
}

function isListDirective(item: JsonValue): boolean {
  return isObject(item) && fieldOf(item, directive) !== undefined
}

function withoutDirectives(object: JsonObject): JsonObject {
  const result: MutableObject = {}
  for (const name of Object.keys(object)) {
    const value = object[name]
    if (value !== undefined && value !== null && !isDirective(name)) setField(result, name, cleaned(value))
  }
  return result
}

function cleaned(value: JsonValue): JsonValue {
  if (isList(value)) return value.filter((it) => !isListDirective(it)).map(cleaned)
  return isObject(value) ? withoutDirectives(value) : value
}

function unknownDirective(mode: JsonValue): PatchError {
  return new PatchError('PATCH_INVALID', `Unknown patch type ${JSON.stringify(mode)} found in patch`)
}
