import { compareGoStrings } from '../byte-string.ts'
import { goKind } from '../type-name.ts'
import { GoComplex, GoInt, GoMap, GoNamed, GoObject, type GoValue } from '../value.ts'

/**
 * The entries of a map in the order in which Go prints them and templates range over them.
 *
 * Source: https://pkg.go.dev/internal/fmtsort
 */
export function sortedEntries(map: ReadonlyMap<GoValue, GoValue> | GoMap): (readonly [GoValue, GoValue])[] {
  const entries = [...(map instanceof GoMap ? map.entries : map)]
  return entries.length < 2 ? entries : entries.toSorted(([a], [b]) => compareKeys(a, b))
}

function compareKeys(a: GoValue, b: GoValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareGoStrings(a, b)
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value ? -1 : Number(a.value > b.value)
  if (typeof a === 'number' && typeof b === 'number') return compareFloats(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof GoNamed && b instanceof GoNamed) return compareGoStrings(a.value, b.value)
  if (a instanceof GoComplex && b instanceof GoComplex) {
    return compareFloats(a.real, b.real) || compareFloats(a.imaginary, b.imaginary)
  }
  if (a instanceof GoObject && b instanceof GoObject) {
    return compareLists([...a.fields.values()], [...b.fields.values()])
  }
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  return compareGoStrings(goKind(a), goKind(b))
}

function compareLists(a: readonly GoValue[], b: readonly GoValue[]): number {
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const order = compareKeys(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** NaN comes before every number. */
function compareFloats(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1
  if (Number.isNaN(b)) return 1
  return a - b
}
