import type { JsonObject, JsonValue } from '@sluice/ports'

type Keyword = 'default' | 'x-kubernetes-validations'

const known: Readonly<Record<Keyword, WeakMap<JsonObject, boolean>>> = {
  default: new WeakMap(),
  'x-kubernetes-validations': new WeakMap(),
}

/**
 * Whether a schema or one below it, outside of junctors, has a keyword. It looks at what was written, as most of a
 * large schema has nothing of the kind and need not be read any further.
 */
export function containsKeyword(source: JsonObject, keyword: Keyword): boolean {
  const cache = known[keyword]
  const cached = cache.get(source)
  if (cached !== undefined) return cached
  const found = source[keyword] !== undefined || isBelow(source, keyword)
  cache.set(source, found)
  return found
}

function isBelow({ items, additionalProperties, properties }: JsonObject, keyword: Keyword): boolean {
  if (contains(items, keyword) || contains(additionalProperties, keyword)) return true
  if (!isObject(properties)) return false
  return Object.values(properties).some((property) => contains(property, keyword))
}

function contains(value: JsonValue | undefined, keyword: Keyword): boolean {
  return isObject(value) && containsKeyword(value, keyword)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
