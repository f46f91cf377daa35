import { GoComplex, GoInt, GoMap, GoNamed, GoSlice, type GoValue } from '@sluice/go'

/** Whether a value counts as true. Source: https://pkg.go.dev/text/template#IsTrue */
export function isTrue(value: GoValue): boolean {
  if (typeof value === 'string') return value.length > 0
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (value === null || value === undefined) return false
  if (value instanceof Map) return value.size > 0
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0
  if (value instanceof GoInt) return value.value !== 0n
  if (value instanceof GoMap) return value.entries.size > 0
  if (value instanceof GoSlice) return value.items.length > 0
  if (value instanceof GoNamed) return value.value.length > 0
  if (value instanceof GoComplex) return value.real !== 0 || value.imaginary !== 0
  return true
}
