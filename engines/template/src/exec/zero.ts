import { GoComplex, GoInt, type GoIntKind, GoMap, GoObject, GoSlice, type GoValue } from '@sluice/go'

/** Go's zero value of a type. */
export function zeroValue(type: string): GoValue {
  if (type === 'interface {}') return null
  if (type === 'string') return ''
  if (type === 'bool') return false
  if (type === 'float64') return 0
  if (type === 'complex128') return new GoComplex(0, 0)
  if (/^u?int(8|16|32|64|ptr)?$/.test(type)) return new GoInt(type as GoIntKind, 0n)
  if (type.startsWith('[')) return new GoSlice(type, null)
  if (type.startsWith('map[')) return new GoMap(type, null)
  return type.startsWith('*') ? null : new GoObject(type, new Map())
}
