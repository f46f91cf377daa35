import { formatFloat } from '@sluice/go'
import { ListValue } from '../values/list-value.ts'
import { isInt } from '../values/numbers.ts'
import { CelError, type CelValue, Double, OpaqueValue, OptionalValue, typeOf, Uint } from '../values/value.ts'

/** What a key finds: a value, nothing, or a failure. */
export type Found = CelValue | undefined

/** The value of a key or index; `undefined` where there is none. */
export function lookUp(object: CelValue, key: CelValue): Found {
  if (typeof object !== 'object' || object === null) return undefined
  if (object instanceof CelError) return object
  if (!('kind' in object)) return undefined
  if (object.kind === 'map') return typeof key === 'string' ? object.findField(key) : object.find(key)
  return object instanceof ListValue ? lookUpItem(object, key) : undefined
}

function lookUpItem(list: ListValue, key: CelValue): Found {
  const index = indexOf(key)
  if (index instanceof CelError) return index
  return index >= 0 && index < list.size ? list.items[index] : undefined
}

function indexOf(key: CelValue): number | CelError {
  if (isInt(key)) return Number(key)
  if (key instanceof Uint) return Number(key.value)
  if (key instanceof Double) {
    if (Number.isSafeInteger(key.value)) return key.value
    return new CelError(`unsupported index value ${describeKey(key)} in list`)
  }
  return new CelError(`unsupported index type '${typeOf(key).name}' in list`)
}

/** The failure of a key that finds nothing. */
export function missing(object: CelValue, key: CelValue): CelError {
  const what = object instanceof ListValue ? 'index out of bounds' : 'no such key'
  return new CelError(`${what}: ${describeKey(key)}`)
}

/** Whether a value can be a key at all. */
export function isKey(value: CelValue): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    isInt(value) ||
    value instanceof Uint ||
    value instanceof Double
  )
}

export function invalidKey(value: CelValue): CelError {
  return new CelError(`invalid qualifier type: ${goTypeOf(value)}`)
}

/** A key as error messages print it. */
export function describeKey(key: CelValue): string {
  if (key instanceof Uint) return String(key.value)
  if (key instanceof Double) return formatDouble(key.value)
  return typeof key === 'object' && key !== null ? typeOf(key).name : String(key)
}

/** A double as Go's `%v` prints it. */
export function formatDouble(value: number): string {
  const size = Math.abs(value)
  const isPlain = size === 0 || (size >= 1e-4 && size < 1e21)
  return formatFloat(value, isPlain ? 'f' : 'e', -1)
}

const goTypes: ReadonlyMap<string, string> = new Map([
  ['null', 'types.Null'],
  ['bool', 'types.Bool'],
  ['int', 'types.Int'],
  ['uint', 'types.Uint'],
  ['double', 'types.Double'],
  ['string', 'types.String'],
  ['bytes', 'types.Bytes'],
  ['timestamp', 'types.Timestamp'],
  ['duration', 'types.Duration'],
  ['list', '*types.baseList'],
  ['map', '*types.baseMap'],
  ['type', '*types.Type'],
])

/** The name that error messages give to a value's implementation. */
export function goTypeOf(value: CelValue): string {
  if (value instanceof OptionalValue) return '*types.Optional'
  if (value instanceof OpaqueValue) return `cel.${value.type.name.split('.').at(-1) ?? ''}`
  return goTypes.get(typeOf(value).kind) ?? 'types.Unknown'
}
