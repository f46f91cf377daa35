import { GoError } from '../error.ts'
import { quote } from './quote.ts'

/** Why a text is not a number. `value` is the nearest one that fits where it is out of range. */
export class NumError extends GoError {
  override readonly name = 'NumError'
  readonly reason: 'invalid syntax' | 'value out of range'
  readonly value: bigint | number

  constructor(call: string, text: string, failure: Pick<NumError, 'reason' | 'value'>) {
    super(`strconv.${call}: parsing ${quote(text)}: ${failure.reason}`)
    this.reason = failure.reason
    this.value = failure.value
  }
}

/**
 * Parses an integer in `base`; base 0 takes Go's prefixes and underscores.
 *
 * Source: https://pkg.go.dev/strconv#ParseInt
 * @throws {NumError}
 */
export function parseInteger(text: string, base = 10, bits = 64): bigint {
  const negative = text.startsWith('-')
  const digits = negative || text.startsWith('+') ? text.slice(1) : text
  const size = magnitude(digits, base)
  if (size === undefined) throw new NumError('ParseInt', text, { reason: 'invalid syntax', value: 0n })
  const limit = 1n << BigInt(bits - 1)
  if (negative ? size > limit : size >= limit) {
    throw new NumError('ParseInt', text, {
      reason: 'value out of range',
      value: negative ? -limit : limit - 1n,
    })
  }
  return negative ? -size : size
}

/** Parses an integer without sign. Source: https://pkg.go.dev/strconv#ParseUint @throws {NumError} */
export function parseUnsigned(text: string, base = 10, bits = 64): bigint {
  const size = magnitude(text, base)
  if (size === undefined) throw new NumError('ParseUint', text, { reason: 'invalid syntax', value: 0n })
  const limit = 1n << BigInt(bits)
  if (size >= limit) {
    throw new NumError('ParseUint', text, { reason: 'value out of range', value: limit - 1n })
  }
  return size
}

/** As {@link parseInteger} in base 10, under the name of strconv.Atoi. @throws {NumError} */
export function atoi(text: string): bigint {
  try {
    return parseInteger(text)
  } catch (cause) {
    if (cause instanceof NumError) throw new NumError('Atoi', text, cause)
    throw cause
  }
}

/** Source: https://pkg.go.dev/strconv#ParseBool @throws {NumError} */
export function parseBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  throw new NumError('ParseBool', text, { reason: 'invalid syntax', value: 0n })
}

/**
 * Parses a decimal or hexadecimal floating-point number, an infinity or a NaN.
 *
 * Source: https://pkg.go.dev/strconv#ParseFloat
 * @throws {NumError}
 */
export function parseFloat64(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special) return specialFloat(text, special[1] ?? '', (special[2] ?? '').toLowerCase())
  const hex = /^[+-]?0[xX]/.test(text)
  if (text.includes('_') && !underscoresAreValid(text)) throw badFloat(text)
  const plain = text.replaceAll('_', '')
  const value = hex ? hexFloat(plain) : decimalFloat(plain)
  if (value === undefined) throw badFloat(text)
  if (!Number.isFinite(value)) throw new NumError('ParseFloat', text, { reason: 'value out of range', value })
  return value
}

function specialFloat(text: string, sign: string, name: string): number {
  if (name !== 'nan') return sign === '-' ? -Infinity : Infinity
  if (sign !== '') throw badFloat(text)
  return Number.NaN
}

function badFloat(text: string): NumError {
  return new NumError('ParseFloat', text, { reason: 'invalid syntax', value: 0 })
}

function decimalFloat(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

function hexFloat(text: string): number | undefined {
  const match = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(text)
  const [, sign, whole = '', fraction = '', exponent = ''] = match ?? []
  if (!match || whole + fraction === '') return undefined
  const size = scale(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length)
  return sign === '-' ? -size : size
}

/** `mantissa` × 2^`exponent`, rounded once, half to even. */
function scale(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0
  const length = mantissa.toString(2).length
  if (length + exponent > 1024) return Infinity
  if (length + exponent < -1075) return 0
  // Below 2^-1022 a float64 keeps fewer than 53 bits.
  const kept = Math.min(53, length + exponent + 1074)
  const drop = length - kept
  if (drop <= 0) return Number(mantissa) * powerOfTwo(exponent)
  const shift = BigInt(drop)
  const half = 1n << (shift - 1n)
  const rest = mantissa & ((1n << shift) - 1n)
  let bits = mantissa >> shift
  if (rest > half || (rest === half && (bits & 1n) === 1n)) bits += 1n
  return Number(bits) * powerOfTwo(exponent + drop)
}

function powerOfTwo(exponent: number): number {
  // 2 ** -1074 is exact; powers of numbers are exact for powers of two within range.
  return exponent < -1022 ? 2 ** -1022 * 2 ** (exponent + 1022) : 2 ** exponent
}

function magnitude(text: string, base: number): bigint | undefined {
  let digits = text
  let radix = base
  if (base === 0) {
    const prefix = /^0([xXoObB]?)/.exec(text)
    radix = prefix && text.length > 1 ? radixOf(prefix[1] ?? '') : 10
    if (radix !== 10) digits = text.slice(prefix?.[1] ? 2 : 1)
    if (text.includes('_')) {
      if (!underscoresAreValid(text)) return undefined
      digits = digits.replaceAll('_', '')
    }
  }
  return digits === '' ? undefined : parseDigits(digits, radix)
}

function radixOf(letter: string): number {
  if (letter === '') return 8
  if (letter === 'x' || letter === 'X') return 16
  return letter === 'b' || letter === 'B' ? 2 : 8
}

function parseDigits(digits: string, radix: number): bigint | undefined {
  const valid = new RegExp(
    radix <= 10 ? `^[0-${radix - 1}]+$` : `^[0-9a-${String.fromCharCode(86 + radix)}]+$`,
    'i',
  )
  if (!valid.test(digits)) return undefined
  // Anything this long is out of range in every base, and the conversion is quadratic.
  const significant = digits.replace(/^0+(?=.)/, '')
  if (significant.length > 70) return 1n << 300n
  if (radix === 10) return BigInt(significant)
  const wide = BigInt(radix)
  let value = 0n
  for (const digit of significant) value = value * wide + BigInt(Number.parseInt(digit, radix))
  return value
}

/** Whether every underscore stands between digits, or between a prefix and a digit. */
function underscoresAreValid(text: string): boolean {
  const unsigned = text.replace(/^[+-]/, '')
  const digits = /^0[xXoObB]/.test(unsigned) ? `0${unsigned.slice(2)}` : unsigned
  const misplaced = /^0[xX]/.test(unsigned) ? /_(?![0-9a-fA-F])|(?<![0-9a-fA-F])_/ : /_(?!\d)|(?<!\d)_/
  return !misplaced.test(digits)
}
