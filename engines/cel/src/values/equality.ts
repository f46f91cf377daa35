import type { ListValue } from './list-value.ts'
import type { MapValue } from './map-value.ts'
import { compareNumbers, isNumeric } from './numbers.ts'
import { compareTimestamps, Duration, Timestamp } from './time.ts'
import { CelError, type CelValue, noSuchOverload, OpaqueValue, OptionalValue, TypeValue } from './value.ts'

/** Whether two values are equal. Values of different types are not, except for numbers. */
export function equalValues(a: CelValue, b: CelValue): boolean {
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return a === b
  if (typeof a === 'number' && typeof b === 'number') return a === b
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0
  if (typeof b !== 'object' || b === null || a instanceof CelError) return false
  if (a instanceof OpaqueValue) return a.equals(b)
  if (a instanceof OptionalValue) return b instanceof OptionalValue && equalOptionals(a, b)
  if (a instanceof TypeValue) return b instanceof TypeValue && a.type.name === b.type.name
  return 'kind' in b && equalByKind(a, b)
}

type OfKind = ListValue | MapValue | Timestamp | Duration

function equalByKind(a: OfKind, b: OfKind): boolean {
  switch (a.kind) {
    case 'list':
      return b.kind === 'list' && equalLists(a, b)
    case 'map':
      return b.kind === 'map' && equalMaps(a, b)
    case 'timestamp':
      return b.kind === 'timestamp' && compareTimestamps(a, b) === 0
    case 'duration':
      return b.kind === 'duration' && a.nanos === b.nanos
  }
}

function equalOptionals(a: OptionalValue, b: OptionalValue): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value
  return equalValues(a.value, b.value)
}

function equalLists(a: ListValue, b: ListValue): boolean {
  if (a.semantics) return a.semantics.equal(a, b) === true
  if (a.size !== b.size) return false
  const others = b.items
  return a.items.every((item, index) => equalValues(item, others[index] ?? null))
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  const decided = a.equals(b)
  if (decided !== undefined) return decided
  if (a.size !== b.size) return false
  return a.keys().every((key) => {
    const mine = a.find(key)
    const other = b.find(key)
    return mine !== undefined && other !== undefined && equalValues(mine, other)
  })
}

const nanOrder = new CelError('NaN values cannot be ordered')

/**
 * The order of two values: -1, 0 or 1; an error where they have none. Types that have no order at all give
 * `undefined`, which the operators report under their own names.
 */
export function compareValues(a: CelValue, b: CelValue): number | CelError | undefined {
  if (isNumeric(a)) {
    if (!isNumeric(b)) return noSuchOverload
    const order = compareNumbers(a, b)
    return Number.isNaN(order) ? nanOrder : order
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : noSuchOverload
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : noSuchOverload
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : noSuchOverload
  if (a instanceof Timestamp) return b instanceof Timestamp ? compareTimestamps(a, b) : noSuchOverload
  if (!(a instanceof Duration)) return undefined
  return b instanceof Duration ? Number(a.nanos > b.nanos) - Number(a.nanos < b.nanos) : noSuchOverload
}

/** Orders strings by their UTF-8 bytes, which is the order of their code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left === right) continue
    // A surrogate stands for a code point above every other code unit.
    const leftIsHigh = left >= 0xd800 && left <= 0xdfff
    const rightIsHigh = right >= 0xd800 && right <= 0xdfff
    if (leftIsHigh !== rightIsHigh) return leftIsHigh ? 1 : -1
    return left < right ? -1 : 1
  }
  return Math.sign(a.length - b.length)
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign(a.length - b.length)
}
