import { GoBoundsError, GoMap, GoSlice, type GoValue } from '@sluice/go'

const maxDepth = 1_000

/** A copy that shares nothing that can be changed. @throws {GoBoundsError} for a value that contains itself */
export function deepCopy(value: GoValue, depth = 0): GoValue {
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) throw new GoBoundsError(`a value to copy is nested deeper than ${maxDepth} levels`)
  if (value instanceof Map) return copyMap(value, depth)
  if (Array.isArray(value)) return value.map((item) => deepCopy(item, depth + 1))
  if (value instanceof GoMap && !value.isNil) {
    const { methods, underlying } = value
    return new GoMap(value.type, copyMap(value.entries, depth), { methods, underlying })
  }
  if (value instanceof GoSlice && !value.isNil) {
    const { methods, underlying } = value
    const items = value.items.map((item) => deepCopy(item, depth + 1))
    return new GoSlice(value.type, items, { methods, underlying })
  }
  return value
}

function copyMap<K extends GoValue>(map: ReadonlyMap<K, GoValue>, depth: number): Map<K, GoValue> {
  const copy = new Map<K, GoValue>()
  for (const [key, value] of map) copy.set(key, deepCopy(value, depth + 1))
  return copy
}
