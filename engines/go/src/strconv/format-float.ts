/** Decimal digits of a finite number ≥ 0: its value is 0.`digits` × 10^`point`. Zero has no digits. */
type Decimal = { readonly digits: string; readonly point: number }

/** From this exponent on the shortest form of a number is written with an exponent. */
const shortestExponentLimit = 6

export type FloatFormat = 'b' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'x' | 'X'

/**
 * A float64 as text; `precision` -1 takes the fewest digits that read back as the same number.
 *
 * Source: https://pkg.go.dev/strconv#FormatFloat
 */
export function formatFloat(value: number, format: FloatFormat, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  switch (format) {
    case 'b':
      return sign + binary(size)
    case 'x':
      return sign + hexadecimal(size, precision)
    case 'X':
      return sign + hexadecimal(size, precision).toUpperCase()
    case 'e':
    case 'E':
      return sign + exponential(size, format, precision)
    case 'f':
    case 'F':
      return sign + fixed(size, precision)
    case 'g':
    case 'G':
      return sign + general(size, format, precision)
  }
}

function exponential(size: number, letter: string, precision: number): string {
  const decimal = precision < 0 ? shortest(size) : rounded(size, precision + 1)
  return printExponential(decimal, letter, precision < 0 ? Math.max(decimal.digits.length - 1, 0) : precision)
}

function fixed(size: number, precision: number): string {
  if (precision >= 0) return printFixed(roundedAt(size, precision), precision)
  const decimal = shortest(size)
  return printFixed(decimal, Math.max(decimal.digits.length - decimal.point, 0))
}

function general(size: number, letter: 'g' | 'G', precision: number): string {
  const short = precision < 0
  const wanted = precision === 0 ? 1 : precision
  const decimal = short ? shortest(size) : rounded(size, wanted)
  const count = decimal.digits.length
  let limit = short ? shortestExponentLimit : wanted
  if (!short && limit > count && count >= decimal.point) limit = count
  const exponent = decimal.point - 1
  if (exponent < -4 || exponent >= limit) {
    return printExponential(decimal, letter === 'g' ? 'e' : 'E', Math.max(count - 1, 0))
  }
  return printFixed(decimal, Math.max(count - decimal.point, 0))
}

function printExponential({ digits, point }: Decimal, letter: string, precision: number): string {
  const first = digits[0] ?? '0'
  const rest = precision > 0 ? `.${digits.slice(1).padEnd(precision, '0').slice(0, precision)}` : ''
  const exponent = digits === '' ? 0 : point - 1
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${first}${rest}${letter}${exponent < 0 ? '-' : '+'}${size}`
}

function printFixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (precision <= 0) return whole
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`
}

/** JavaScript prints the fewest digits too, so its text holds the digits looked for. */
function shortest(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 }
  const [mantissa = '', exponent = '0'] = size.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
}

/** Rounds to `count` significant digits, half to even, from the exact value. */
function rounded(size: number, count: number): Decimal {
  if (size === 0) return { digits: '', point: 0 }
  const all = exact(size)
  return roundDigits(all, count)
}

/** Rounds to `places` digits after the point, half to even, from the exact value. */
function roundedAt(size: number, places: number): Decimal {
  if (size === 0) return { digits: '', point: 0 }
  const all = exact(size)
  return roundDigits(all, all.point + places)
}

function roundDigits({ digits, point }: Decimal, count: number): Decimal {
  if (count < 0) return { digits: '', point: 0 }
  if (count >= digits.length) return { digits: stripZeros(digits), point }
  const next = digits.charCodeAt(count) - 48
  const tie = next === 5 && /^0*$/.test(digits.slice(count + 1))
  const odd = count > 0 && (digits.charCodeAt(count - 1) - 48) % 2 === 1
  const up = tie ? odd : next >= 5
  const kept = digits.slice(0, count)
  if (!up) return kept === '' ? { digits: '', point: 0 } : { digits: stripZeros(kept), point }
  const raised = String(BigInt(kept === '' ? '0' : kept) + 1n)
  return { digits: stripZeros(raised), point: point + raised.length - count }
}

function stripZeros(digits: string): string {
  return digits.replace(/0+$/, '')
}

/** All digits of the number: a float64 is a whole number times a power of two, so they end. */
function exact(size: number): Decimal {
  const { mantissa, exponent } = parts(size)
  if (exponent >= 0) {
    const digits = String(mantissa << BigInt(exponent))
    return { digits, point: digits.length }
  }
  const digits = String(mantissa * 5n ** BigInt(-exponent))
  return { digits, point: digits.length + exponent }
}

const view = new DataView(new ArrayBuffer(8))

/** The number as `mantissa` × 2^`exponent`. */
function parts(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  view.setFloat64(0, size)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10_0000_0000_0000n, exponent: biased - 1075 }
}

function binary(size: number): string {
  const { mantissa, exponent } = parts(size)
  return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

function hexadecimal(size: number, precision: number): string {
  const { mantissa, exponent } = parts(size)
  if (mantissa === 0n) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`
  let bits = mantissa
  let power = exponent + 52
  while (bits >> 52n === 0n) {
    bits <<= 1n
    power -= 1
  }
  if (precision >= 0 && precision < 13) {
    const dropped = BigInt((13 - precision) * 4)
    const half = 1n << (dropped - 1n)
    const rest = bits & ((1n << dropped) - 1n)
    bits >>= dropped
    if (rest > half || (rest === half && (bits & 1n) === 1n)) bits += 1n
    bits <<= dropped
    if (bits >> 53n !== 0n) {
      bits >>= 1n
      power += 1
    }
  }
  const all = (bits & 0xf_ffff_ffff_ffffn).toString(16).padStart(13, '0')
  const fraction = precision < 0 ? all.replace(/0+$/, '') : all.padEnd(precision, '0').slice(0, precision)
  const size2 = String(Math.abs(power)).padStart(2, '0')
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${power < 0 ? '-' : '+'}${size2}`
}
