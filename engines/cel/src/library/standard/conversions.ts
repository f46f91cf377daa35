import { formatFloat, NumError, parseFloat64 } from '@sluice/go'
import { declare, type FunctionDeclaration, overload } from '../../environment/declarations.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
  typeOfType,
  typeParameter,
  uintType,
} from '../../types/cel-type.ts'
import {
  doubleToInt,
  doubleToUint,
  isInt,
  parseInt64,
  parseUint64,
  toInt,
  toUint,
} from '../../values/numbers.ts'
import {
  Duration,
  formatDuration,
  formatTimestamp,
  isTimestampSeconds,
  parseDuration,
  parseTimestamp,
  Timestamp,
} from '../../values/time.ts'
import {
  CelError,
  type CelValue,
  Double,
  noSuchOverload,
  TypeValue,
  typeOf,
  Uint,
} from '../../values/value.ts'

const a = typeParameter('A')
const timestampOverflow = new CelError('timestamp overflow')
const notUtf8 = new CelError('invalid UTF-8 in bytes, cannot convert to string')

export type ConversionOptions = {
  /** Whether a malformed timestamp is named in the error, and a comma is no decimal point. */
  readonly strictTimestamps: boolean
}

type Conversion = (value: CelValue) => CelValue
type Source = readonly [id: string, from: CelType, convert: Conversion]

const same: Conversion = (value) => value

/** The functions that turn a value of one type into another, `type` and `dyn`. */
export function conversionFunctions(options: ConversionOptions): readonly FunctionDeclaration[] {
  const toTimestampOf = (value: CelValue): CelValue => toTimestamp(value, options)
  return [
    conversion('bool', boolType, [
      ['bool_to_bool', boolType, same],
      ['string_to_bool', stringType, toBool],
    ]),
    conversion('bytes', bytesType, [
      ['bytes_to_bytes', bytesType, same],
      [
        'string_to_bytes',
        stringType,
        (value) => (typeof value === 'string' ? encode(value) : noSuchOverload),
      ],
    ]),
    conversion('double', doubleType, [
      ['double_to_double', doubleType, same],
      ['int64_to_double', intType, toDouble],
      ['string_to_double', stringType, toDouble],
      ['uint64_to_double', uintType, toDouble],
    ]),
    conversion('duration', durationType, [
      ['duration_to_duration', durationType, same],
      ['string_to_duration', stringType, toDuration],
    ]),
    conversion('int', intType, [
      ['int64_to_int64', intType, same],
      ['double_to_int64', doubleType, toInteger],
      ['duration_to_int64', durationType, toInteger],
      ['string_to_int64', stringType, toInteger],
      ['timestamp_to_int64', timestampType, toInteger],
      ['uint64_to_int64', uintType, toInteger],
    ]),
    conversion('string', stringType, [
      ['string_to_string', stringType, same],
      ['bool_to_string', boolType, toText],
      ['bytes_to_string', bytesType, toText],
      ['double_to_string', doubleType, toText],
      ['duration_to_string', durationType, toText],
      ['int64_to_string', intType, toText],
      ['timestamp_to_string', timestampType, toText],
      ['uint64_to_string', uintType, toText],
    ]),
    conversion('timestamp', timestampType, [
      ['timestamp_to_timestamp', timestampType, same],
      ['int64_to_timestamp', intType, toTimestampOf],
      ['string_to_timestamp', stringType, toTimestampOf],
    ]),
    conversion('uint', uintType, [
      ['uint64_to_uint64', uintType, same],
      ['double_to_uint64', doubleType, toUnsigned],
      ['int64_to_uint64', intType, toUnsigned],
      ['string_to_uint64', stringType, toUnsigned],
    ]),
    declare('type', [overload('type', [a], typeOfType(a))], {
      shared: { call: (value = null) => new TypeValue(typeOf(value)), arity: 1 },
    }),
    declare('dyn', [overload('to_dyn', [a], dynType)], {
      shared: { call: (value = null) => value, arity: 1 },
    }),
  ]
}

/** Names of the functions that convert: their calls on constants are computed once. */
export const conversionNames: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
])

function conversion(name: string, to: CelType, sources: readonly Source[]): FunctionDeclaration {
  return declare(
    name,
    sources.map(([id, from, convert]) => overload(id, [from], to, (value = null) => convert(value))),
  )
}

function cannotConvert(value: CelValue, to: CelType): CelError {
  return new CelError(`type conversion error from '${typeOf(value).name}' to '${to.name}'`)
}

function toBool(value: CelValue): CelValue {
  if (typeof value !== 'string') return noSuchOverload
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  return cannotConvert(value, boolType)
}

function toDouble(value: CelValue): CelValue {
  if (typeof value === 'string') return parseDouble(value)
  if (isInt(value)) return new Double(Number(value))
  return value instanceof Uint ? new Double(Number(value.value)) : noSuchOverload
}

function parseDouble(text: string): CelValue {
  try {
    return new Double(parseFloat64(text))
  } catch (error) {
    if (error instanceof NumError) return cannotConvert(text, doubleType)
    throw error
  }
}

function toDuration(value: CelValue): CelValue {
  return (typeof value === 'string' && parseDuration(value)) || cannotConvert(value, durationType)
}

function toInteger(value: CelValue): CelValue {
  if (typeof value === 'string') return parseInt64(value) ?? cannotConvert(value, intType)
  if (value instanceof Double) return doubleToInt(value)
  if (value instanceof Uint) return toInt(BigInt(value.value))
  if (value instanceof Timestamp) return value.seconds
  return value instanceof Duration ? toInt(value.nanos) : noSuchOverload
}

function toUnsigned(value: CelValue): CelValue {
  if (typeof value === 'string') return parseUint64(value) ?? cannotConvert(value, uintType)
  if (value instanceof Double) return doubleToUint(value)
  return isInt(value) ? toUint(BigInt(value)) : noSuchOverload
}

/** The string that `string()` makes of a value. */
export function toText(value: CelValue): CelValue {
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  if (value instanceof Double) return formatFloat(value.value, 'g', -1)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return decode(value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return formatDuration(value)
  if (value instanceof TypeValue) return value.type.name
  return cannotConvert(value, stringType)
}

function toTimestamp(value: CelValue, { strictTimestamps }: ConversionOptions): CelValue {
  if (isInt(value)) {
    const seconds = Number(value)
    return isTimestampSeconds(seconds) ? new Timestamp(seconds, 0) : timestampOverflow
  }
  if (typeof value !== 'string') return noSuchOverload
  const timestamp = parseTimestamp(value)
  const isStrict = strictTimestamps && !strictForm.test(value)
  if (isStrict) return new CelError(`invalid RFC 3339 timestamp ${JSON.stringify(value)}`)
  if (!timestamp) return cannotConvert(value, timestampType)
  return isTimestampSeconds(timestamp.seconds) ? timestamp : timestampOverflow
}

const strictForm =
  /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function decode(bytes: Uint8Array): CelValue {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return notUtf8
    throw error
  }
}
