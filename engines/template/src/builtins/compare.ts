import {
  compareGoStrings,
  GoComplex,
  GoError,
  GoFunction,
  GoInt,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  goKind,
  goTypeName,
  sprint,
  sprintf,
} from '@sluice/go'

type BasicKind = 'invalid' | 'bool' | 'int' | 'uint' | 'float' | 'complex' | 'string'

/** Whether the first value equals one of the others. Source: text/template funcs.go, eq. */
export function equal(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new GoError('missing argument for comparison')
  return others.some((other) => equals(first, other))
}

function equals(a: GoValue, b: GoValue): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value
  if (kindA !== kindB) {
    if (isNone(a) || isNone(b)) return false
    throw incompatible(a, b)
  }
  if (kindA !== 'invalid') return basicValue(a) === basicValue(b) || sameComplex(a, b)
  return sameReference(a, b)
}

function sameReference(a: GoValue, b: GoValue): boolean {
  if (!isNone(a) && !isNone(b) && goKind(a) !== goKind(b)) {
    throw new GoError(
      `non-comparable types ${sprintf('%s', [a])}: ${goTypeName(a)}, ${goTypeName(b)}: ${sprint([b])}`,
    )
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  if (!isComparable(b)) throw new GoError(`non-comparable type ${sprintf('%s', [b])}: ${goTypeName(b)}`)
  return sameValue(a, b)
}

function isComparable(value: GoValue): boolean {
  if (value instanceof GoSlice) return goKind(value) === 'array'
  const isList = Array.isArray(value) || value instanceof Uint8Array
  return !(isList || value instanceof Map || value instanceof GoMap || value instanceof GoFunction)
}

/** Go's `==` on interfaces: same type, and structs field by field; pointers by identity. */
function sameValue(a: GoValue, b: GoValue): boolean {
  if (a === b) return true
  if (goTypeName(a) !== goTypeName(b)) return false
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value
  if (a instanceof GoNamed && b instanceof GoNamed) return a.value === b.value
  if (a instanceof GoSlice && b instanceof GoSlice) {
    return a.items.length === b.items.length && a.items.every((item, at) => sameValue(item, b.items[at]))
  }
  if (!(a instanceof GoObject && b instanceof GoObject) || a.type.startsWith('*')) return false
  return [...a.fields].every(([name, field]) => sameValue(field, b.fields.get(name)))
}

/** Whether a < b. Source: text/template funcs.go, lt. */
export function less(a: GoValue, b: GoValue): boolean {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA === 'invalid' || kindB === 'invalid') throw badType()
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value
  if (kindA !== kindB) throw incompatible(a, b)
  if (typeof a === 'number' && typeof b === 'number') return a < b
  if (kindA === 'string') return compareGoStrings(String(basicValue(a)), String(basicValue(b))) < 0
  throw badType()
}

/** Whether a <= b. */
export function lessOrEqual(a: GoValue, b: GoValue): boolean {
  return less(a, b) || equal(a, [b])
}

function basicKind(value: GoValue): BasicKind {
  if (typeof value === 'string' || value instanceof GoNamed) return 'string'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'boolean') return 'bool'
  if (value instanceof GoInt) return value.kind.startsWith('u') ? 'uint' : 'int'
  return value instanceof GoComplex ? 'complex' : 'invalid'
}

function basicValue(value: GoValue): unknown {
  return value instanceof GoNamed ? value.value : value
}

function sameComplex(a: GoValue, b: GoValue): boolean {
  return a instanceof GoComplex && b instanceof GoComplex && a.real === b.real && a.imaginary === b.imaginary
}

function isNone(value: GoValue): boolean {
  return value === undefined || value === null
}

function isNil(value: GoValue): boolean {
  return isNone(value) || ((value instanceof GoMap || value instanceof GoSlice) && value.isNil)
}

function incompatible(a: GoValue, b: GoValue): GoError {
  return new GoError(`incompatible types for comparison: ${goTypeName(a)} and ${goTypeName(b)}`)
}

function badType(): GoError {
  return new GoError('invalid type for comparison')
}
