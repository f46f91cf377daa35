import type { JsonObject, JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'
import { fieldOf, isList, isObject } from '../patch/json-values.ts'

/**
 * What is known about a value: its schema; or that it is free JSON, in which objects merge field by field and lists
 * are one (`free`) or everything is one (`opaque`).
 */
export type ValueType = StructuralSchema | 'free' | 'opaque'

/** How a value is owned: as one, field by field, or item by item. */
export type Shape = 'scalar' | 'map' | 'set' | 'keyed'

/** The shape that `value` has under its type; values of the wrong kind are owned as one. */
export function shapeOf(type: ValueType, value: JsonValue): Shape {
  if (typeof value !== 'object' || value === null || type === 'opaque') return 'scalar'
  if (isList(value)) return type === 'free' ? 'scalar' : listShape(type)
  if (type === 'free') return 'map'
  if (type.mapType === 'atomic' || isOpaque(type)) return 'scalar'
  return isObject(value) && (type.type === 'object' || type.type === '') ? 'map' : 'scalar'
}

function listShape(schema: StructuralSchema): Shape {
  if (schema.type !== 'array') return 'scalar'
  switch (schema.listType) {
    case 'map':
      return 'keyed'
    case 'set':
      return 'set'
    case 'atomic':
      return 'scalar'
    case '':
      if (!schema.patchStrategies.includes('merge')) return 'scalar'
      return schema.patchMergeKey === '' ? 'set' : 'keyed'
  }
}

/** Built-in types without structure, such as RawExtension, are owned as one; those of CRDs field by field. */
function isOpaque(schema: StructuralSchema): boolean {
  return schema.definition !== '' && schema.properties.size === 0 && schema.additionalProperties === false
}

/** Type of a field or map entry; `undefined` when the schema does not know the field. */
export function fieldType(type: ValueType, name: string): ValueType | undefined {
  if (type === 'free' || type === 'opaque') return type
  const known = type.field(name)
  if (known) return isFree(known) ? 'free' : known
  return type.preserveUnknownFields || type.additionalProperties === true ? 'free' : undefined
}

/** Type of a list's items. */
export function itemType(type: ValueType): ValueType {
  if (type === 'free' || type === 'opaque') return type
  const { items } = type
  return !items || isFree(items) ? 'free' : items
}

function isFree(schema: StructuralSchema): boolean {
  return (
    schema.definition === '' &&
    schema.preserveUnknownFields &&
    schema.properties.size === 0 &&
    schema.type === ''
  )
}

/** Whether a field of this name is declared by the schema, as opposed to being a key of a map. */
export function isDeclaredField(type: ValueType, name: string): boolean {
  return type !== 'free' && type !== 'opaque' && type.properties.has(name)
}

/** The step that names an item of a set or keyed list; `undefined` when it has none of its keys. */
export function itemStep(type: ValueType, shape: Shape, item: JsonValue): string | undefined {
  if (shape === 'set') return `v:${JSON.stringify(item)}`
  if (!isObject(item) || type === 'free' || type === 'opaque') return undefined
  const keys = keyNames(type)
  if (keys.length === 1) {
    // The common case, kept free of intermediate objects.
    const name = keys[0] ?? ''
    const value = keyValue(type, item, name)
    return value === undefined ? undefined : `k:{${JSON.stringify(name)}:${JSON.stringify(value)}}`
  }
  const parts: string[] = []
  for (const name of keys) {
    const value = keyValue(type, item, name)
    if (value !== undefined) parts.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
  }
  return parts.length === 0 ? undefined : `k:{${parts.join(',')}}`
}

const sortedKeys = new WeakMap<StructuralSchema, readonly string[]>()

/** Names of the fields that identify an item, sorted. */
export function keyNames(schema: StructuralSchema): readonly string[] {
  let names = sortedKeys.get(schema)
  if (!names) {
    names = schema.listMapKeys.length > 0 ? schema.listMapKeys.toSorted() : [schema.patchMergeKey]
    sortedKeys.set(schema, names)
  }
  return names
}

function keyValue(schema: StructuralSchema, item: JsonObject, name: string): JsonValue | undefined {
  const own = fieldOf(item, name)
  return own ?? schema.items?.properties.get(name)?.default
}
