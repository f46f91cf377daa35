import { SchemaError } from '../schema-error.ts'

/** An exact decimal number, `digits` × 10^`exponent`; `digits` does not end with a zero unless it is zero. */
export type Decimal = { readonly digits: bigint; readonly exponent: number }

const format = /^([-+]?)(\d+)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/
/** Digits and exponents that are calculated with: beyond them a schema only keeps the machine busy. */
const maxSize = 5_000

/** Reads a number as JSON or Go writes it. @throws {SchemaError} when it is no number, or an absurdly large one */
export function parseDecimal(text: string): Decimal {
  const match = format.exec(text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  const power = Number(exponent) - fraction.length + digits.length - kept.length
  if (!match || kept.length > maxSize || Math.abs(power) > maxSize) {
    throw new SchemaError(`number ${text.slice(0, 40)} is out of range`)
  }
  if (kept === '') return { digits: 0n, exponent: 0 }
  return { digits: BigInt(`${sign === '-' ? '-' : ''}${kept}`), exponent: power }
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [x, y] = aligned(a, b)
  return x < y ? -1 : x > y ? 1 : 0
}

export function isWhole({ exponent }: Decimal): boolean {
  return exponent >= 0
}

/** Whether `a` divided by `b`, which is not zero, is a whole number. */
export function isMultiple(a: Decimal, b: Decimal): boolean {
  const [x, y] = aligned(a, b)
  return x % y === 0n
}

export function decimalNumber({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`)
}

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint] {
  const exponent = Math.min(a.exponent, b.exponent)
  return [scaled(a, exponent), scaled(b, exponent)]
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to)
}
