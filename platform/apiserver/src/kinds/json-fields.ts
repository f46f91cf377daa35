import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'

/** The value as an object; an empty one when it is none. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** The value as a list; an empty one when it is none. */
export function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : []
}

export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : []
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Numbers only; `undefined` for anything else. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Sets the fields that are absent. */
export function fill(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.keys(defaults).filter(
    (name) => object[name] === undefined && defaults[name] !== undefined,
  )
  if (missing.length === 0) return object
  const result: { [name: string]: JsonValue | undefined } = { ...object }
  for (const name of missing) result[name] = defaults[name]
  return result
}

/** Changes a field that is there. */
export function change(
  object: JsonObject,
  name: string,
  next: (value: JsonObject) => JsonObject,
): JsonObject {
  const value = object[name]
  return isObject(value) ? { ...object, [name]: next(value) } : object
}

/** Changes every item of a list that is there. */
export function changeItems(
  object: JsonObject,
  name: string,
  next: (item: JsonObject) => JsonObject,
): JsonObject {
  const list = object[name]
  if (!Array.isArray(list)) return object
  return { ...object, [name]: (list as readonly JsonObject[]).map(next) }
}

/** Changes the spec of an object. */
export function changeSpec(object: KubeObject, next: (spec: JsonObject) => JsonObject): KubeObject {
  return { ...object, spec: next(objectOf(object['spec'])) }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
