import type { JsonObject, JsonValue } from '@sluice/ports'

/** An object that is still being built. */
export type MutableObject = { [key: string]: JsonValue | undefined }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Own property only: names come from users, so `__proto__` must not reach the prototype. */
export function fieldOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** A copy of `object` with one field set, safe for any name. */
export function setField(object: MutableObject, name: string, value: JsonValue): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[name] = value
  }
}

/** Structural equality of JSON; a field that is undefined counts as absent, the order of fields does not count. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return false
  let count = 0
  for (const name of Object.keys(a)) {
    if (a[name] === undefined) continue
    count += 1
    if (!jsonEqual(a[name], fieldOf(b, name))) return false
  }
  for (const name of Object.keys(b)) if (b[name] !== undefined) count -= 1
  return count === 0
}
