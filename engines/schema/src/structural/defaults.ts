import type { JsonObject, JsonValue } from '@sluice/ports'
import { isObject, type StructuralSchema } from './structural-schema.ts'

/**
 * Fills in the defaults of a CRD's schema; parts that need none are returned as they are, not copied.
 *
 * A null that is not allowed but has a default is replaced by it. Defaults inside of absent objects do not apply.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
export function applyDefaults(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (!schema.hasDefaults || typeof value !== 'object' || value === null) return value
  if (isObject(value)) return defaultObject(value, schema)
  const { items } = schema
  return items ? mapSame(value, (item) => applyDefaults(defaultNull(item, items), items)) : value
}

function defaultObject(value: JsonObject, schema: StructuralSchema): JsonObject {
  let out: { [key: string]: JsonValue | undefined } | undefined
  const set = (name: string, next: JsonValue): void => {
    out ??= { ...value }
    out[name] = next
  }
  for (const [name, property] of schema.properties) {
    if (!property.hasDefaults) continue
    const own = Object.hasOwn(value, name) ? value[name] : undefined
    const isMissing = own === undefined || (own === null && !property.nullable)
    if (isMissing && property.default === undefined) continue
    const next = applyDefaults(isMissing ? (property.default ?? null) : (own ?? null), property)
    if (next !== own) set(name, next)
  }
  const { values } = schema
  if (!values?.hasDefaults) return out ?? value
  for (const name of Object.keys(value)) {
    const own = value[name]
    if (own === undefined || schema.properties.has(name)) continue
    const next = applyDefaults(defaultNull(own, values), values)
    if (next !== own) set(name, next)
  }
  return out ?? value
}

/** A null in a list or map becomes the default of its schema unless null is allowed. */
function defaultNull(value: JsonValue, schema: StructuralSchema): JsonValue {
  return value === null && !schema.nullable && schema.default !== undefined ? schema.default : value
}

/** Maps a list, giving back the list itself when no item changes. */
export function mapSame(
  list: readonly JsonValue[],
  change: (item: JsonValue, index: number) => JsonValue,
): readonly JsonValue[] {
  let out: JsonValue[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = list[index] ?? null
    const next = change(item, index)
    if (next === item) continue
    out ??= [...list]
    out[index] = next
  }
  return out ?? list
}
