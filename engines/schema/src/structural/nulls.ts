import type { JsonObject, JsonValue } from '@sluice/ports'
import { mapSame } from './defaults.ts'
import { isObject, type StructuralSchema } from './structural-schema.ts'

/**
 * Reads nulls as Go's decoder does for built-in types: a null field is an absent one, a null item of a list or
 * value of a map is the zero value of its type. What has no structure, such as a `RawExtension`, stays.
 */
export function dropNulls(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (isObject(value)) return dropInObject(value, schema)
  const { items } = schema
  return items ? mapSame(value, (item) => (item === null ? zero(items) : dropNulls(item, items))) : value
}

function dropInObject(value: JsonObject, schema: StructuralSchema): JsonObject {
  let out: { [key: string]: JsonValue | undefined } | undefined
  for (const name of Object.keys(value)) {
    const own = value[name]
    if (own === undefined) continue
    const property = schema.properties.get(name)
    const child = property ?? schema.values
    if (!child) continue
    const next = own === null ? nullField(child, property !== undefined) : dropNulls(own, child)
    if (next === own) continue
    out ??= { ...value }
    if (next === undefined) delete out[name]
    else out[name] = next
  }
  return out ?? value
}

function nullField(schema: StructuralSchema, isField: boolean): JsonValue | undefined {
  if (schema.type === '' && !schema.intOrString) return null
  return isField ? undefined : zero(schema)
}

function zero(schema: StructuralSchema): JsonValue {
  switch (schema.type) {
    case 'object':
      return {}
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
    case '':
      return null
  }
}
