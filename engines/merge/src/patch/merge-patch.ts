import type { JsonValue } from '@sluice/ports'
import { fieldOf, isObject, type MutableObject, setField } from './json-values.ts'

/**
 * Applies a JSON merge patch. Neither argument is changed; parts that stay are shared with the result.
 *
 * Source: RFC 7386.
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch
  const base = isObject(target) ? target : {}
  const result: MutableObject = { ...base }
  for (const name of Object.keys(patch)) {
    const value = patch[name]
    if (value === undefined) continue
    if (value === null) delete result[name]
    else setField(result, name, mergePatch(fieldOf(base, name), value))
  }
  return result
}
