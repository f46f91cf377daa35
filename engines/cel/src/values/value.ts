import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  errorType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../types/cel-type.ts'
import type { ListValue } from './list-value.ts'
import type { MapValue } from './map-value.ts'
import type { Duration, Timestamp } from './time.ts'

/**
 * A CEL value.
 *
 * | CEL | here |
 * |---|---|
 * | null, bool, string | `null`, `boolean`, `string` |
 * | int | `number` where it is a safe integer, else `bigint` |
 * | uint, double | {@link Uint}, {@link Double} |
 * | bytes | `Uint8Array` |
 * | list, map | {@link ListValue}, {@link MapValue} |
 * | timestamp, duration | {@link Timestamp}, {@link Duration} |
 * | type | {@link TypeValue} |
 * | optional | {@link OptionalValue} |
 * | types of libraries | {@link OpaqueValue} |
 * | a failed evaluation | {@link CelError} |
 *
 * Failures are values, not exceptions, since `&&`, `||` and the macros absorb them.
 */
export type CelValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint
  | Double
  | Uint8Array
  | ListValue
  | MapValue
  | Timestamp
  | Duration
  | TypeValue
  | OptionalValue
  | OpaqueValue
  | CelError

/** An unsigned 64-bit integer; `value` is a number where that is safe, else a bigint. */
export class Uint {
  readonly value: number | bigint

  constructor(value: number | bigint) {
    this.value = value
  }
}

export class Double {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export class TypeValue {
  readonly type: CelType

  constructor(type: CelType) {
    this.type = type
  }
}

export class OptionalValue {
  /** Absent for `optional.none()`. */
  readonly value: CelValue | undefined

  constructor(value?: CelValue) {
    this.value = value
  }
}

export const none: OptionalValue = new OptionalValue()

/** A value of a library's own type. */
export abstract class OpaqueValue {
  abstract readonly type: CelType
  /** The value as a string of its canonical form. */
  abstract toString(): string
  abstract equals(other: CelValue): boolean
}

/** A failed evaluation. Its message is what users see. */
export class CelError {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

export const noSuchOverload: CelError = new CelError('no such overload')

/** The type of a value; lists, maps and optionals do not tell what they hold. */
export function typeOf(value: CelValue): CelType {
  if (typeof value === 'string') return stringType
  if (typeof value === 'number' || typeof value === 'bigint') return intType
  if (typeof value === 'boolean') return boolType
  return value === null ? nullType : typeOfObject(value)
}

const anyList = listType(dynType)
const anyMap = mapType(dynType, dynType)
const anyOptional = optionalType(dynType)

function typeOfObject(value: object): CelType {
  if (value instanceof Double) return doubleType
  if (value instanceof Uint) return uintType
  if (value instanceof Uint8Array) return bytesType
  if (value instanceof OpaqueValue) return value.type
  if (value instanceof OptionalValue) return anyOptional
  if (value instanceof TypeValue) return typeType
  if (value instanceof CelError) return errorType
  return typeOfCollection(value as ListValue | MapValue | Timestamp | Duration)
}

function typeOfCollection(value: ListValue | MapValue | Timestamp | Duration): CelType {
  switch (value.kind) {
    case 'list':
      return anyList
    case 'map':
      return value.objectType ?? anyMap
    case 'timestamp':
      return timestampType
    case 'duration':
      return durationType
  }
}

/** The name of a value's type as run-time errors print it. */
export function typeNameOf(value: CelValue): string {
  return typeOf(value).name
}
