import {
  GoComplex,
  type GoFunction,
  GoInt,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  goKind,
  goTypeName,
} from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'

const any = 'interface {}'

/** Sprig's questions about types. Source: Masterminds/sprig 3.3.0, reflect.go. */
export const reflectionFunctions: FunctionMap = new Map<string, GoFunction>([
  ['typeOf', define([any], goTypeName)],
  ['typeIs', define(['string', any], (type, value) => goTypeName(value) === type)],
  ['typeIsLike', define(['string', any], (type, value) => [type, `*${type}`].includes(goTypeName(value)))],
  ['kindOf', define([any], goKind)],
  ['kindIs', define(['string', any], (kind, value) => goKind(value) === kind)],
  ['deepEqual', define([any, any], deepEqual)],
])

/** Go's reflect.DeepEqual: same types all the way down, and equal. NaN is not equal to itself. */
export function deepEqual(a: GoValue, b: GoValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return goTypeName(a) === goTypeName(b) && (sameCollection(a, b) ?? sameScalar(a, b))
}

/** Whether two collections of one type are equal; nothing when they are none. */
function sameCollection(a: GoValue, b: GoValue): boolean | undefined {
  if (a instanceof Map && b instanceof Map) return sameEntries(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return sameItems(a, b)
  if (a instanceof GoSlice && b instanceof GoSlice) return a.isNil === b.isNil && sameItems(a.items, b.items)
  if (a instanceof GoObject && b instanceof GoObject) return sameEntries(a.fields, b.fields)
  const maps = a instanceof GoMap && b instanceof GoMap
  return maps ? a.isNil === b.isNil && sameEntries(a.entries, b.entries) : undefined
}

function sameScalar(a: GoValue, b: GoValue): boolean {
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value
  if (a instanceof GoNamed && b instanceof GoNamed) return a.value === b.value
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, at) => byte === b[at])
  }
  return a instanceof GoComplex && b instanceof GoComplex && a.real === b.real && a.imaginary === b.imaginary
}

function sameItems(a: readonly GoValue[], b: readonly GoValue[]): boolean {
  return a.length === b.length && a.every((item, at) => deepEqual(item ?? null, b[at] ?? null))
}

function sameEntries(a: ReadonlyMap<GoValue, GoValue>, b: ReadonlyMap<GoValue, GoValue>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    if (!b.has(key) || !deepEqual(value ?? null, b.get(key) ?? null)) return false
  }
  return true
}
