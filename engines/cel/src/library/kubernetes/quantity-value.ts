import { type CelType, objectType } from '../../types/cel-type.ts'
import { type CelValue, OpaqueValue } from '../../values/value.ts'

export const quantityType: CelType = objectType('kubernetes.Quantity')

type Format = 'DecimalSI' | 'DecimalExponent' | 'BinarySI'
type Suffix = { readonly base: 2 | 10; readonly exponent: number; readonly format: Format }

const formatWrong =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const suffixWrong = "unable to parse quantity's suffix"

const decimalSuffixes: readonly (readonly [string, number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]
const binarySuffixes: readonly (readonly [string, number])[] = [
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]
const suffixes: ReadonlyMap<string, Suffix> = new Map<string, Suffix>([
  ...decimalSuffixes.map(
    ([text, exponent]) => [text, { base: 10, exponent, format: 'DecimalSI' }] as [string, Suffix],
  ),
  ...binarySuffixes.map(
    ([text, exponent]) => [text, { base: 2, exponent, format: 'BinarySI' }] as [string, Suffix],
  ),
])
const smallestScale = -9
// Numbers of more digits are kept in another form, which cannot be asked for as an integer.
const maxDigits = 18
const maxInt64 = 2n ** 63n - 1n
const maxExponent = 1_000

/**
 * A fixed-point number with a unit: `value` × 10^`scale`.
 *
 * Source: https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity
 */
export class Quantity extends OpaqueValue {
  readonly type: CelType = quantityType
  readonly value: bigint
  readonly scale: number
  readonly format: Format
  /** Whether it is of the form that Go keeps in 64 bits. */
  readonly isSmall: boolean
  readonly #text: string | undefined

  constructor(
    parts: { readonly value: bigint; readonly scale: number; readonly format: Format },
    { isSmall, text }: { readonly isSmall: boolean; readonly text?: string },
  ) {
    super()
    this.value = parts.value
    this.scale = parts.scale
    this.format = parts.format
    this.isSmall = isSmall
    this.#text = text
  }

  equals(other: CelValue): boolean {
    return other instanceof Quantity && this.compare(other) === 0
  }

  compare(other: Quantity): number {
    const { a, b } = align(this, other)
    return Number(a > b) - Number(a < b)
  }

  add(other: Quantity): Quantity {
    return this.#combine(other, (a, b) => a + b)
  }

  subtract(other: Quantity): Quantity {
    return this.#combine(other, (a, b) => a - b)
  }

  /** The value where it is a whole number that Go's fast form holds. */
  toInteger(): bigint | undefined {
    if (!this.isSmall || this.scale < 0) return undefined
    const value = this.value * 10n ** BigInt(this.scale)
    return isInt64(value) ? value : undefined
  }

  toNumber(): number {
    return this.scale === 0 ? Number(this.value) : Number(this.value) * 10 ** this.scale
  }

  toString(): string {
    return this.#text ?? this.#canonical()
  }

  #combine(other: Quantity, operate: (a: bigint, b: bigint) => bigint): Quantity {
    const { a, b, scale } = align(this, other)
    const value = operate(a, b)
    const format = this.value === 0n ? other.format : this.format
    const isSmall = this.isSmall && other.isSmall && isInt64(value)
    return new Quantity({ value, scale, format }, { isSmall })
  }

  #canonical(): string {
    if (this.value === 0n) return '0'
    const whole = wholeValue(this)
    const isBinary = this.format === 'BinarySI' && whole !== undefined && (whole <= -1024n || whole >= 1024n)
    return isBinary ? binaryText(whole) : decimalText(this, this.format === 'DecimalExponent')
  }
}

export function quantityOfInteger(value: bigint): Quantity {
  return new Quantity({ value, scale: 0, format: 'DecimalExponent' }, { isSmall: true })
}

/** Parses `1.5Gi`; a string says what is wrong. */
export function parseQuantity(text: string): Quantity | string {
  if (text === '') return formatWrong
  const match = /^([+-]?)(\d*)(?:(\.)(\d*))?([eEinumkKMGTP]*(?:[+-]?\d*)?)$/.exec(text)
  if (!match) return formatWrong
  const [, sign = '', digits = '', , decimals = '', suffixText = ''] = match
  const suffix = readSuffix(suffixText)
  if (!suffix) return suffixWrong
  const whole = digits.replace(/^0+/, '') || '0'
  if (text.replace(/^[+-]/, '').replace(/^0+/, '') === '') return zero
  const shifted = whole + decimals
  const unsigned = BigInt(shifted)
  const value = sign === '-' ? -unsigned : unsigned
  return small({ text, shifted, decimals, value, whole, suffix }) ?? large(value, decimals.length, suffix)
}

const zero = new Quantity({ value: 0n, scale: 0, format: 'DecimalSI' }, { isSmall: true })

function readSuffix(text: string): Suffix | undefined {
  const known = suffixes.get(text)
  if (known) return known
  if (!/^[eE][+-]?\d+$/.test(text)) return undefined
  const exponent = Number(text.slice(1))
  return Math.abs(exponent) > maxExponent ? undefined : { base: 10, exponent, format: 'DecimalExponent' }
}

type Read = {
  readonly text: string
  readonly shifted: string
  readonly whole: string
  readonly decimals: string
  readonly value: bigint
  readonly suffix: Suffix
}

/** The form in 64 bits. Text that is canonical already is kept. */
function small({ text, shifted, whole, decimals, value, suffix }: Read): Quantity | undefined {
  const { base, exponent, format } = suffix
  const isBinary = base === 2
  const precision = isBinary
    ? 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1
    : maxDigits - whole.length - decimals.length
  if (precision < 0 || (isBinary && decimals !== '')) return undefined
  const scale = (isBinary ? 0 : exponent) - decimals.length
  const scaled = isBinary ? value << BigInt(exponent) : value
  if (scale < smallestScale || !isInt64(scaled)) return undefined
  const isCanonical = isBinary
    ? (value & 7n) !== 0n
    : scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
  return new Quantity({ value: scaled, scale, format }, { isSmall: true, ...(isCanonical && { text }) })
}

/** The form without bounds. Less than a billionth is rounded away from zero. */
function large(value: bigint, decimals: number, { base, exponent, format }: Suffix): Quantity {
  let scale = (base === 10 ? exponent : 0) - decimals
  let scaled = base === 2 ? value << BigInt(exponent) : value
  if (scale < smallestScale) {
    const divisor = 10n ** BigInt(smallestScale - scale)
    const remainder = scaled % divisor
    scaled = scaled / divisor + (remainder === 0n ? 0n : scaled < 0n ? -1n : 1n)
    scale = smallestScale
  }
  const bound = maxInt64 * 10n ** BigInt(Math.max(0, -scale))
  if (base === 2 && scale <= 0) {
    if (scaled > bound) scaled = bound
    else if (scaled < -bound) scaled = -bound
  }
  const size = scaled < 0n ? -scaled : scaled
  const isBelowOne = scale < 0 && size < 10n ** BigInt(-scale)
  return new Quantity(
    { value: scaled, scale, format: base === 2 && isBelowOne ? 'DecimalSI' : format },
    { isSmall: false },
  )
}

function align(x: Quantity, y: Quantity): { readonly a: bigint; readonly b: bigint; readonly scale: number } {
  const scale = Math.min(x.scale, y.scale)
  return {
    a: x.value * 10n ** BigInt(x.scale - scale),
    b: y.value * 10n ** BigInt(y.scale - scale),
    scale,
  }
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}

/** The value without a fraction; `undefined` where it has one. */
function wholeValue({ value, scale }: Quantity): bigint | undefined {
  if (scale >= 0) return value * 10n ** BigInt(scale)
  const divisor = 10n ** BigInt(-scale)
  return value % divisor === 0n ? value / divisor : undefined
}

function binaryText(whole: bigint): string {
  let value = whole
  let power = 0
  while (power < binarySuffixes.length && value % 1024n === 0n) {
    value /= 1024n
    power++
  }
  return `${value}${power === 0 ? '' : (binarySuffixes[power - 1]?.[0] ?? '')}`
}

/** A whole number with a power of a thousand, as a letter or as an exponent. */
function decimalText({ value, scale }: Quantity, withExponent: boolean): string {
  let mantissa = value
  let exponent = scale
  while (mantissa % 10n === 0n) {
    mantissa /= 10n
    exponent++
  }
  const over = ((exponent % 3) + 3) % 3
  mantissa *= 10n ** BigInt(over)
  exponent -= over
  if (!withExponent && exponent > 18) {
    mantissa *= 10n ** BigInt(exponent - 18)
    exponent = 18
  }
  if (exponent === 0) return String(mantissa)
  if (withExponent) return `${mantissa}e${exponent}`
  return `${mantissa}${decimalSuffixes.find(([, power]) => power === exponent)?.[0] ?? ''}`
}
