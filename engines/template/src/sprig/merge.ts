import { GoBoundsError, GoMap, GoSlice, type GoValue } from '@sluice/go'
import { isEmpty } from './empty.ts'

const maxDepth = 1_000

/**
 * Merges sources into a dictionary, in place: without `overwrite` what is there and not empty stays.
 *
 * Source: dario.cat/mergo 1.0.1, as Sprig's merge functions call it.
 */
export function merge(
  target: Map<string, GoValue> | null,
  sources: readonly (Map<string, GoValue> | null)[],
  overwrite: boolean,
): Map<string, GoValue> {
  const result = target ?? new Map<string, GoValue>()
  for (const source of sources) {
    if (source) mergeMap(result, source, { overwrite, depth: 0 })
  }
  return result
}

type Mode = { readonly overwrite: boolean; readonly depth: number }

function mergeMap(target: Map<GoValue, GoValue>, source: ReadonlyMap<GoValue, GoValue>, mode: Mode): void {
  const { overwrite, depth } = mode
  if (depth > maxDepth) throw new GoBoundsError(`maps to merge are nested deeper than ${maxDepth} levels`)
  for (const [key, value] of source) {
    if (value === null || value === undefined) {
      if (overwrite) target.set(key, null)
      continue
    }
    const existing = target.get(key)
    const [inner, outer] = [entriesOf(value), entriesOf(existing)]
    if (inner && outer) {
      mergeMap(outer, inner, { overwrite, depth: depth + 1 })
      if (outer.size > 0) continue
    }
    if (isList(value) && isList(existing) && !isEmpty(existing) && !overwrite) continue
    if (overwrite || isEmpty(existing)) target.set(key, value)
  }
}

function entriesOf(value: GoValue): Map<GoValue, GoValue> | undefined {
  if (value instanceof Map) return value
  return value instanceof GoMap && !value.isNil ? value.entries : undefined
}

function isList(value: GoValue): boolean {
  return Array.isArray(value) || value instanceof GoSlice || value instanceof Uint8Array
}
