import type { JsonObject, JsonValue } from '@sluice/ports'

/** Decoded fields as JSON, without what is empty, as Go leaves out; an object that was given stays. */
export function withoutEmpty(fields: object): JsonObject {
  const entries = Object.entries(fields).flatMap(([key, value]): [string, JsonValue][] => {
    // The one text of which it counts that it is given.
    if (value === '' && key !== 'sourceValue') return []
    if (value === undefined || value === false || value === 0) return []
    if (value instanceof Map) return value.size === 0 ? [] : [[key, Object.fromEntries(value) as JsonObject]]
    if (Array.isArray(value)) return value.length === 0 ? [] : [[key, value.map(itemOf)]]
    return [[key, itemOf(value)]]
  })
  return Object.fromEntries(entries)
}

function itemOf(value: unknown): JsonValue {
  return typeof value === 'object' && value !== null ? withoutEmpty(value) : (value as JsonValue)
}
