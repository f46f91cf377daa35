import type { JsonObject, JsonValue } from '@sluice/ports'
import { isObject } from '../structural/structural-schema.ts'

type NamedSchema = readonly [string, JsonObject]

const noSchemas: readonly JsonObject[] = []
const noNamedSchemas: readonly NamedSchema[] = []

/** Readers of the keywords of a schema as it was written; what has the wrong type counts as absent. */
export function schemaAt(schema: JsonObject, keyword: string): JsonObject | undefined {
  const value = schema[keyword]
  return isObject(value) ? value : undefined
}

export function schemasAt(schema: JsonObject, keyword: string): readonly JsonObject[] {
  const value = schema[keyword]
  return Array.isArray(value) ? value.filter(isObject) : noSchemas
}

/** Named schemas, such as those under `properties`. */
export function namedSchemasAt(schema: JsonObject, keyword: string): readonly NamedSchema[] {
  const named = schemaAt(schema, keyword)
  if (!named) return noNamedSchemas
  const out: NamedSchema[] = []
  for (const name of Object.keys(named)) {
    const value = named[name]
    if (isObject(value)) out.push([name, value])
  }
  return out
}

export function textAt(schema: JsonObject, keyword: string): string {
  const value = schema[keyword]
  return typeof value === 'string' ? value : ''
}

export function textsAt(schema: JsonObject, keyword: string): readonly string[] {
  const value = schema[keyword]
  return Array.isArray(value) ? value.filter((it) => typeof it === 'string') : []
}

/** Whether a keyword is there with something to say: neither null, false, empty nor nothing. */
export function isSet(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}
