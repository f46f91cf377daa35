import { deepEqual, pointerText } from '@sluice/cluster'
import type { JsonObject, JsonValue } from '@sluice/ports'

/** One step from one document to another (RFC 6902). */
export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }

/**
 * The JSON patch that makes `to` of `from`. Lists are compared place by place, and where to replace a value as a whole is
 * shorter than to change its parts, it is replaced.
 *
 * Source: drift as Flux 2.9 counts it.
 */
export function jsonDiff(from: JsonValue, to: JsonValue): readonly PatchStep[] {
  return compare(from, to, [])
}

type Path = readonly string[]

function compare(from: JsonValue, to: JsonValue, path: Path): readonly PatchStep[] {
  if (deepEqual(from, to)) return []
  const replacement: PatchStep = { op: 'replace', path: pointerText(path), value: to }
  const parts = partsOf(from, to, path)
  if (!parts) return [replacement]
  return lengthOf(parts) > lengthOf([replacement]) ? [replacement] : parts
}

/** The steps inside of two values of one kind; nothing for what has no parts. */
function partsOf(from: JsonValue, to: JsonValue, path: Path): readonly PatchStep[] | undefined {
  if (isList(from) && isList(to)) return listSteps(from, to, path)
  if (isObject(from) && isObject(to)) return objectSteps(from, to, path)
  return undefined
}

function listSteps(from: readonly JsonValue[], to: readonly JsonValue[], path: Path): readonly PatchStep[] {
  const common = Math.min(from.length, to.length)
  const surplus = from.slice(common).map((): PatchStep => {
    // Each removal moves the next item to the same place.
    return { op: 'remove', path: pointerText([...path, String(common)]) }
  })
  const appended = to.slice(common).map((value): PatchStep => {
    return { op: 'add', path: pointerText([...path, '-']), value }
  })
  const changed = to
    .slice(0, common)
    .flatMap((value, index) => compare(from[index] ?? null, value, [...path, String(index)]))
  return [...surplus, ...appended, ...changed]
}

function objectSteps(from: JsonObject, to: JsonObject, path: Path): readonly PatchStep[] {
  const names = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...names].toSorted(compareText).flatMap((name): readonly PatchStep[] => {
    const place = [...path, name]
    const [old, value] = [own(from, name), own(to, name)]
    if (value === undefined) return old === undefined ? [] : [{ op: 'remove', path: pointerText(place) }]
    return old === undefined ? [{ op: 'add', path: pointerText(place), value }] : compare(old, value, place)
  })
}

function lengthOf(steps: readonly PatchStep[]): number {
  return JSON.stringify(steps).length
}

function own(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
