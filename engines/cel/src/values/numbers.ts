import { CelError, type CelValue, Double, noSuchOverload, Uint } from './value.ts'

const minInt = -9_223_372_036_854_775_808n
const maxInt = 9_223_372_036_854_775_807n
const maxUint = 18_446_744_073_709_551_615n
export const integerOverflow: CelError = new CelError('integer overflow')
export const unsignedOverflow: CelError = new CelError('unsigned integer overflow')
const divisionByZero = new CelError('division by zero')
const modulusByZero = new CelError('modulus by zero')

export type Integer = number | bigint

export function isInt(value: CelValue): value is Integer {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** The int of a bigint: a number where that is safe. Fails beyond 64 bits. */
export function toInt(value: bigint): Integer | CelError {
  return value < minInt || value > maxInt ? integerOverflow : shorten(value)
}

export function toUint(value: bigint): Uint | CelError {
  return value < 0n || value > maxUint ? unsignedOverflow : new Uint(shorten(value))
}

function shorten(value: bigint): Integer {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Parses a decimal int; `undefined` for anything else or beyond 64 bits. */
export function parseInt64(text: string): Integer | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = toInt(BigInt(text.startsWith('+') ? text.slice(1) : text))
  return value instanceof CelError ? undefined : value
}

export function parseUint64(text: string): Uint | undefined {
  if (!/^\d+$/.test(text)) return undefined
  const value = toUint(BigInt(text))
  return value instanceof CelError ? undefined : value
}

/** The low 64 bits of an integer, read as a signed one. */
export function wrapInt(value: bigint): Integer {
  return shorten(BigInt.asIntN(64, value))
}

export function wrapUint(value: bigint): Uint {
  return new Uint(shorten(BigInt.asUintN(64, value)))
}

type Operation = {
  readonly number: (a: number, b: number) => number
  readonly integer: (a: bigint, b: bigint) => bigint
}

const plus: Operation = { number: (a, b) => a + b, integer: (a, b) => a + b }
const minus: Operation = { number: (a, b) => a - b, integer: (a, b) => a - b }
// Adding 0 turns the -0 that numbers have into the 0 of integers.
const times: Operation = { number: (a, b) => a * b + 0, integer: (a, b) => a * b }
const over: Operation = { number: (a, b) => Math.trunc(a / b) + 0, integer: (a, b) => a / b }
const modulo: Operation = { number: (a, b) => (a % b) + 0, integer: (a, b) => a % b }

export function addNumbers(a: CelValue, b: CelValue): CelValue {
  return calculate(plus, a, b)
}

export function subtractNumbers(a: CelValue, b: CelValue): CelValue {
  return calculate(minus, a, b)
}

export function multiplyNumbers(a: CelValue, b: CelValue): CelValue {
  return calculate(times, a, b)
}

export function divideNumbers(a: CelValue, b: CelValue): CelValue {
  if (a instanceof Double) return b instanceof Double ? new Double(a.value / b.value) : noSuchOverload
  return isZero(a, b) ? divisionByZero : calculate(over, a, b)
}

export function moduloNumbers(a: CelValue, b: CelValue): CelValue {
  if (a instanceof Double) return noSuchOverload
  if (isZero(a, b)) return modulusByZero
  // The quotient of these does not fit, which counts although the remainder would.
  return a === minInt && b === -1 ? integerOverflow : calculate(modulo, a, b)
}

/** Whether `b` is the zero of the same integer type as `a`. */
function isZero(a: CelValue, b: CelValue): boolean {
  return a instanceof Uint ? b instanceof Uint && b.value === 0 : isInt(a) && b === 0
}

function calculate({ number, integer }: Operation, a: CelValue, b: CelValue): CelValue {
  if (isInt(a)) {
    if (!isInt(b)) return noSuchOverload
    if (typeof a === 'number' && typeof b === 'number') {
      const result = number(a, b)
      if (Number.isSafeInteger(result)) return result
    }
    return toInt(integer(BigInt(a), BigInt(b)))
  }
  if (a instanceof Double) return b instanceof Double ? new Double(number(a.value, b.value)) : noSuchOverload
  if (a instanceof Uint && b instanceof Uint) return toUint(integer(BigInt(a.value), BigInt(b.value)))
  return noSuchOverload
}

export function negate(value: CelValue): CelValue {
  if (typeof value === 'number') return 0 - value
  if (typeof value === 'bigint') return toInt(-value)
  return value instanceof Double ? new Double(-value.value) : noSuchOverload
}

/**
 * The order of two numbers of any types: -1, 0 or 1, and NaN when one of them is. An integer is compared with a
 * double as a double, which may round it.
 */
export function compareNumbers(a: Integer | Uint | Double, b: Integer | Uint | Double): number {
  const isRounded = a instanceof Double || b instanceof Double
  const left = isRounded ? Number(plain(a)) : plain(a)
  const right = isRounded ? Number(plain(b)) : plain(b)
  if (a instanceof Double && isBeyond(a.value, b)) return Math.sign(a.value)
  if (b instanceof Double && isBeyond(b.value, a)) return -Math.sign(b.value)
  // JavaScript compares a number with a bigint by their mathematical values.
  if (left < right) return -1
  if (left > right) return 1
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0
}

export function isNumeric(value: CelValue): value is Integer | Uint | Double {
  return isInt(value) || value instanceof Double || value instanceof Uint
}

/** Whether a double is out of the range of an integer's type. */
function isBeyond(value: number, integer: Integer | Uint | Double): boolean {
  if (integer instanceof Double) return false
  return integer instanceof Uint ? value < 0 || value > 2 ** 64 : value < -(2 ** 63) || value > 2 ** 63
}

function plain(value: Integer | Uint | Double): Integer {
  return value instanceof Uint || value instanceof Double ? value.value : value
}

/** The int nearest to zero of a double; fails beyond 64 bits. */
export function doubleToInt({ value }: Double): Integer | CelError {
  // The bounds are excluded: a double so near to them cannot be told from one beyond.
  if (!(value > -(2 ** 63) && value < 2 ** 63)) return integerOverflow
  return toInt(BigInt(Math.trunc(value)))
}

export function doubleToUint({ value }: Double): Uint | CelError {
  if (!(value >= 0 && value < 2 ** 64)) return unsignedOverflow
  return toUint(BigInt(Math.trunc(value)))
}
