import { GoComplex, GoInt, GoMap, GoNamed, GoSlice, type GoValue } from '@sluice/go'

/** Whether a value is its type's zero or has no elements. Source: Masterminds/sprig 3.3.0, defaults.go, empty. */
export function isEmpty(value: GoValue): boolean {
  if (typeof value === 'string') return value === ''
  if (typeof value === 'number') return value === 0
  if (typeof value === 'boolean') return !value
  if (value === null || value === undefined) return true
  if (value instanceof Map) return value.size === 0
  if (value instanceof GoMap) return value.entries.size === 0
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0
  if (value instanceof GoSlice) return value.items.length === 0
  if (value instanceof GoInt) return value.value === 0n
  if (value instanceof GoNamed) return value.value === ''
  return value instanceof GoComplex && value.real === 0 && value.imaginary === 0
}
