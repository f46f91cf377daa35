import { GoError } from '@sluice/go'

/** `coefficient` × 10^`exponent`. */
export type Decimal = { readonly coefficient: bigint; readonly exponent: number }

const divisionPlaces = 16

/** The decimal that a float64 prints as. @throws {GoError} for what is not finite */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) {
    throw new GoError(
      `Cannot create a Decimal from ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`,
    )
  }
  const [mantissa = '0', power = '0'] = value.toExponential().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { coefficient: BigInt(whole + fraction), exponent: Number(power) - fraction.length }
}

/** The float64 nearest to a decimal. */
export function decimalToFloat({ coefficient, exponent }: Decimal): number {
  return Number(`${coefficient}e${exponent}`)
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { coefficient: scaled(a, exponent) + scaled(b, exponent), exponent }
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { coefficient: -b.coefficient, exponent: b.exponent })
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent }
}

/**
 * Divides to 16 places, half away from zero.
 *
 * Source: shopspring/decimal, Div.
 * @throws {GoError} for a division by zero
 */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw new GoError('decimal division by 0')
  const shift = a.exponent - b.exponent + divisionPlaces
  const numerator = shift > 0 ? a.coefficient * 10n ** BigInt(shift) : a.coefficient
  const denominator = shift < 0 ? b.coefficient * 10n ** BigInt(-shift) : b.coefficient
  const quotient = numerator / denominator
  const rest = numerator % denominator
  const away = numerator < 0n === denominator < 0n ? 1n : -1n
  const rounds = 2n * absolute(rest) >= absolute(denominator)
  return { coefficient: rounds ? quotient + away : quotient, exponent: -divisionPlaces }
}

function scaled({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to)
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
