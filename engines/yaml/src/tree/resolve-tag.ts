import { parseTimestamp } from './timestamp.ts'

/** A core type that the text of a plain scalar stands for. */
export type ResolvedTag = '!!str' | '!!null' | '!!bool' | '!!int' | '!!float' | '!!timestamp' | '!!merge'

/** Which words are booleans: YAML 1.2's, as go-yaml v3 reads them, or also `yes`, `on` and the like as v2 does. */
export type ScalarDialect = 'v2' | 'v3'

const words = new Map<string, ResolvedTag>([
  ['', '!!null'],
  ['~', '!!null'],
  ['null', '!!null'],
  ['Null', '!!null'],
  ['NULL', '!!null'],
  ['<<', '!!merge'],
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map((it) => [it, '!!bool'] as const),
  ...['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF'].map((it) => [it, '!!float'] as const),
  ...['+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'].map((it) => [it, '!!float'] as const),
])
const oldBooleans = new Set(
  ['y', 'yes', 'on', 'n', 'no', 'off'].flatMap((it) => [it, it.toUpperCase(), capitalize(it)]),
)
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const dottedFloat = /^\.[0-9_]+(?:[eE][-+]?[0-9]+)?$/
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
/** Decimal digits few enough to need no check against the bounds of 64 bits. */
const shortInteger = /^[-+]?(?:0|[1-9][0-9]{0,17})$/
const maxUint64 = 2n ** 64n - 1n
const maxInt64 = 2n ** 63n - 1n

/**
 * The type of a plain scalar with this text.
 *
 * Source: go-yaml v3.0.4 and v2.4.4, resolve.go.
 */
export function resolveTag(text: string, dialect: ScalarDialect = 'v3'): ResolvedTag {
  const first = text.charCodeAt(0)
  // Only signs, digits, dots and the first letters of the words can begin anything but a string.
  if (first >= 97 ? !mayBeWord(first) : first > 57 && !mayBeWord(first)) return '!!str'
  const word = words.get(text)
  if (word !== undefined) return word
  if (dialect === 'v2' && oldBooleans.has(text)) return '!!bool'
  if (first === 46) return isDottedFloat(text) ? '!!float' : '!!str'
  if ((first >= 48 && first <= 57) || first === 43 || first === 45) return resolveNumber(text)
  return '!!str'
}

/** `text` as a whole number as Go's `ParseInt(…, 0, 64)` or `ParseUint` read it; `undefined` when it is none. */
export function parseInteger(text: string): bigint | undefined {
  const match = integer.exec(text.includes('_') ? text.replaceAll('_', '') : text)
  if (!match) return undefined
  const [, sign = '', hex, binary, octal, decimal = '0'] = match
  let value: bigint
  if (hex !== undefined) value = BigInt(`0x${hex}`)
  else if (binary !== undefined) value = BigInt(`0b${binary}`)
  else if (octal !== undefined) value = BigInt(`0o${octal}`)
  else value = BigInt(decimal)
  if (sign === '-') value = -value
  const most = sign === '+' ? maxInt64 : maxUint64
  return value <= most && value >= -maxInt64 - 1n ? value : undefined
}

function resolveNumber(text: string): ResolvedTag {
  if (shortInteger.test(text)) return '!!int'
  if (parseTimestamp(text)) return '!!timestamp'
  if (parseInteger(text) !== undefined) return '!!int'
  const plain = text.replaceAll('_', '')
  // Out of range is not a float: Go's ParseFloat fails there.
  return float.test(plain) && Number.isFinite(Number(plain)) ? '!!float' : '!!str'
}

/** After a leading dot Go's ParseFloat decides, which takes underscores only in hexadecimal floats. */
function isDottedFloat(text: string): boolean {
  return dottedFloat.test(text) && !text.includes('_')
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** One of `nNtTfFyYoO~`. */
function mayBeWord(code: number): boolean {
  switch (code) {
    case 110:
    case 78:
    case 116:
    case 84:
    case 102:
    case 70:
    case 121:
    case 89:
    case 111:
    case 79:
    case 126:
      return true
    default:
      return false
  }
}
