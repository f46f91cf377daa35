import type { JsonObject } from '@sluice/ports'

/**
 * Whether a schema or one below it, outside of junctors, has a keyword. It looks at what was written, as most of a
 * large schema has nothing of the kind and need not be read any further.
 */
export function containsKeyword(schema: JsonObject, keyword: string): boolean {
  if (schema[keyword] !== undefined) return true
  const { items, additionalProperties, properties } = schema
  if (isObject(items) && containsKeyword(items, keyword)) return true
  if (isObject(additionalProperties) && containsKeyword(additionalProperties, keyword)) return true
  if (!isObject(properties)) return false
  for (const name of Object.keys(properties)) {
    const property = properties[name]
    if (isObject(property) && containsKeyword(property, keyword)) return true
  }
  return false
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
