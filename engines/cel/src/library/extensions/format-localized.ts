import { formatFloat, quote } from '@sluice/go'
import { compareText } from '../../values/equality.ts'
import {
  CelError,
  type CelValue,
  Double,
  OpaqueValue,
  OptionalValue,
  typeNameOf,
  typeOf,
} from '../../values/value.ts'
import { toText } from '../standard/conversions.ts'
import type { FormatClauses, WriteValue } from './format.ts'
import {
  binaryOf,
  type ClauseRule,
  clauseRules,
  defaultPrecision,
  digitsOf,
  hexadecimalOf,
  refuse,
  stringRule,
  writeAll,
} from './format-digits.ts'

const rules = clauseRules.localized
const specialTexts: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
])

/** The older style of `format`: numbers as in American English, what is in lists and maps as it is written in CEL. */
export const localizedStyle: FormatClauses = {
  string: (value) => writeString(value),
  decimal: (value) => digitsOf(value, 10) ?? refuse(rules.decimal.rule, value),
  fixed: (precision = defaultPrecision) =>
    writeDouble(rules.fixed, (value) => groupThousands(formatFloat(value, 'f', precision))),
  scientific: (precision = defaultPrecision) =>
    writeDouble(rules.scientific, (value) => superscript(formatFloat(value, 'e', precision))),
  binary: (value) => binaryOf(value) ?? refuse(rules.binary.rule, value),
  hexadecimal: (isUpper) => (value) => hexadecimalOf(value, isUpper) ?? refuse(rules.hexadecimal.rule, value),
  octal: (value) => digitsOf(value, 8) ?? refuse(rules.octal.rule, value),
}

function writeDouble({ rule }: ClauseRule, write: (value: number) => string): WriteValue {
  return (value) => {
    const number = typeof value === 'string' ? specialTexts.get(value) : doubleOf(value)
    if (number === undefined) return refuse(rule, value)
    if (Number.isNaN(number)) return 'NaN'
    if (!Number.isFinite(number)) return number > 0 ? '∞' : '-∞'
    return write(number)
  }
}

function doubleOf(value: CelValue): number | undefined {
  return value instanceof Double ? value.value : undefined
}

function groupThousands(text: string): string {
  const [whole = '', decimals] = text.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return decimals === undefined ? grouped : `${grouped}.${decimals}`
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** `1.5e+02` as `1.5 × 10⁰²`, with narrow spaces that do not break. */
function superscript(text: string): string {
  const [mantissa = '', exponent = ''] = text.split('e')
  const sign = exponent.startsWith('-') ? '⁻' : ''
  const digits = Array.from(exponent.replace(/^[+-]/, ''))
    .map((digit) => superscripts[Number(digit)])
    .join('')
  return `${mantissa}\u202f×\u202f10${sign}${digits}`
}

function writeString(value: CelValue): string | CelError {
  if (value === null) return 'null'
  if (isCollection(value)) return writeCollection(value)
  if (value instanceof OpaqueValue || value instanceof OptionalValue) return refuse(stringRule, value)
  const text = toText(value)
  return typeof text === 'string'
    ? text
    : new CelError(`could not convert argument "${typeNameOf(value)}" to string`)
}

type Collection = Extract<CelValue, { kind: 'list' | 'map' }>

function isCollection(value: CelValue): value is Collection {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'list' || value.kind === 'map')
  )
}

function writeCollection(value: Collection): string | CelError {
  if (value.kind === 'list') {
    const items = writeAll(value.items, writeLiteral)
    return items instanceof CelError ? items : `[${items.join(', ')}]`
  }
  const entries: [string, string][] = []
  for (const key of value.keys()) {
    if (key instanceof Double) return new CelError('no formatting function for map key of type double')
    const name = writeLiteral(key)
    if (name instanceof CelError) return name
    const item = writeLiteral(value.find(key) ?? null)
    if (item instanceof CelError) return item
    entries.push([name, item])
  }
  const sorted = entries.toSorted(([a], [b]) => compareText(a, b))
  return `{${sorted.map(([name, item]) => `${name}:${item}`).join(', ')}}`
}

/** A value within a list or map. */
function writeLiteral(value: CelValue): string | CelError {
  if (value instanceof Double) {
    const text = formatFloat(value.value, 'f', defaultPrecision)
    return Number.isFinite(value.value) ? text : `"${text}"`
  }
  const type = typeOf(value)
  const text = writeString(value)
  if (text instanceof CelError) {
    return value instanceof OpaqueValue || value instanceof OptionalValue
      ? new CelError(`no formatting function for ${type.name}`)
      : text
  }
  if (type.kind === 'string') return quote(text)
  if (type.kind === 'bytes') return `b${quote(text)}`
  return type.kind === 'timestamp' || type.kind === 'duration' ? `${type.kind}(${quote(text)})` : text
}
