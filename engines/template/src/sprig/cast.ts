import {
  bytesGoString,
  formatFloat,
  type GoFunction,
  GoInt,
  GoNamed,
  type GoValue,
  goStringBytes,
  NumError,
  parseFloat64,
  parseInteger,
  sprint,
} from '@sluice/go'

const noBudget = { spend: () => {} }

/**
 * A value as text, as Sprig's string functions see it.
 *
 * Source: Masterminds/sprig 3.3.0 strings.go, strval.
 */
export function textOf(value: GoValue): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return bytesGoString(value)
  const method = methodNamed(value, 'Error') ?? methodNamed(value, 'String')
  const text = method?.call([], noBudget)
  return typeof text === 'string' ? text : sprint([value ?? null])
}

function methodNamed(value: GoValue, name: string): GoFunction | undefined {
  if (typeof value !== 'object' || value === null || !('methods' in value)) return undefined
  const { methods } = value
  return methods instanceof Map ? (methods as ReadonlyMap<string, GoFunction>).get(name) : undefined
}

/**
 * A value as int64; 0 for what is no number.
 *
 * Source: spf13/cast 1.7.0, ToInt64.
 */
export function toInt64(value: GoValue): bigint {
  if (value instanceof GoInt) return value.type === value.kind ? BigInt.asIntN(64, value.value) : 0n
  if (typeof value === 'number') return truncated(value)
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') return integerText(value)
  return value instanceof GoNamed && value.type === 'json.Number' ? integerText(value.value) : 0n
}

/** A float64 cut to an int64; what does not fit is the least of them, as on amd64. */
export function truncated(value: number): bigint {
  if (Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63)) return -(2n ** 63n)
  return BigInt(Math.trunc(value))
}

function integerText(text: string): bigint {
  return (
    attempt(() =>
      parseInteger(
        text.replace(/\.0*$/, (zeros) => (zeros === '.' ? zeros : '')),
        0,
      ),
    ) ?? 0n
  )
}

/**
 * A value as float64; 0 for what is no number.
 *
 * Source: spf13/cast 1.7.0, ToFloat64.
 */
export function toFloat64(value: GoValue): number {
  if (typeof value === 'number') return value
  if (value instanceof GoInt) return value.type === value.kind ? Number(value.value) : 0
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') return attempt(() => parseFloat64(value)) ?? 0
  const isNumber = value instanceof GoNamed && value.type === 'json.Number'
  return isNumber ? (attempt(() => parseFloat64(value.value)) ?? 0) : 0
}

/** A float as `%v` prints it. */
export function floatText(value: number): string {
  return formatFloat(value, 'g', -1)
}

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return goStringBytes(text)
}

/** What `parse` gives, or nothing when the text is no number. */
export function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof NumError) return undefined
    throw cause
  }
}
