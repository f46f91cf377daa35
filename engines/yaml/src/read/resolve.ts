import { parseTimestamp } from '../tree/timestamp.ts'

/** The type that a plain scalar's text stands for. */
export type ScalarType = 'str' | 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'merge'

/** A scalar read: integers that a number cannot hold exactly are bigints. */
export type ScalarValue = null | boolean | string | number | bigint

const words = new Map<string, { readonly type: ScalarType; readonly value: null | boolean | number }>([
  ...entries(['', '~', 'null', 'Null', 'NULL'], 'null', null),
  ...entries(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'], 'bool', true),
  ...entries(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'], 'bool', false),
  ...entries(['.nan', '.NaN', '.NAN'], 'float', Number.NaN),
  ...entries(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'], 'float', Number.POSITIVE_INFINITY),
  ...entries(['-.inf', '-.Inf', '-.INF'], 'float', Number.NEGATIVE_INFINITY),
])
const longestWord = 5
const shortInteger = /^(?:0|-?[1-9][0-9]{0,14})$/
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
/** go-yaml reads `0b` once more on its own, and finds a second sign. */
const oddBinary = /^0b([-+])([01]+)$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const maxInt64 = 2n ** 63n - 1n
const minInt64 = -(2n ** 63n)
const maxUint64 = 2n ** 64n - 1n

/**
 * The type of a plain scalar as Kubernetes' YAML library sees it: YAML 1.1 with `yes`, `on`, `0o17`, `1_000`,
 * without base 60.
 *
 * Source: go.yaml.in/yaml/v2 2.4.4, resolve.go.
 */
export function resolveType(text: string): ScalarType {
  const first = text.charCodeAt(0)
  // Letters that no special word begins with: nearly every scalar ends here.
  if (!mayBeSpecial(first)) return 'str'
  if (text.length <= longestWord) {
    const word = words.get(text)
    if (word) return word.type
  }
  if (first >= 65) return 'str'
  if (first === 46) return isDotFloat(text) ? 'float' : 'str'
  if (shortInteger.test(text)) return 'int'
  if (parseTimestamp(text)) return 'timestamp'
  const digits = text.includes('_') ? text.replaceAll('_', '') : text
  if (parseInteger(digits) !== undefined) return 'int'
  return float.test(digits) && Number.isFinite(Number(digits)) ? 'float' : 'str'
}

/** The value of a plain scalar whose type is `type`. A timestamp stays a text. */
export function scalarValue(text: string, type: ScalarType): ScalarValue {
  switch (type) {
    case 'str':
    case 'timestamp':
    case 'merge':
      return text
    case 'null':
    case 'bool':
      return words.get(text)?.value ?? null
    case 'int':
      if (shortInteger.test(text)) return Number(text)
      return narrow(parseInteger(text.replaceAll('_', '')) ?? 0n)
    case 'float':
      return words.get(text)?.value ?? Number(text.replaceAll('_', ''))
  }
}

/** The value of a plain scalar without a tag. */
export function resolvePlain(text: string): ScalarValue {
  return mayBeSpecial(text.charCodeAt(0)) ? scalarValue(text, resolveType(text)) : text
}

/** Whether an older YAML would read `text` as a number of base 60, such as `1:30`. */
export function isBase60(text: string): boolean {
  return text.includes(':') && /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text)
}

/** Digits, signs, `.`, `~`, the first letters of the words, and the end of an empty text (NaN). */
function mayBeSpecial(unit: number): boolean {
  if (unit >= 48 && unit <= 57) return true
  switch (unit) {
    case 43: // +
    case 45: // -
    case 46: // .
    case 126: // ~
    case 110: // nN
    case 78:
    case 116: // tT
    case 84:
    case 102: // fF
    case 70:
    case 121: // yY
    case 89:
    case 111: // oO
    case 79:
      return true
    default:
      return Number.isNaN(unit)
  }
}

/** `.5`, `.5e3`, `.1_0`: what Go's ParseFloat accepts after a dot. */
function isDotFloat(text: string): boolean {
  if (!/^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/.test(text)) return false
  return Number.isFinite(Number(text.replaceAll('_', '')))
}

/** A Go integer literal within int64, or within uint64 when it has no sign. */
function parseInteger(digits: string): bigint | undefined {
  const match = integer.exec(digits)
  if (match) {
    const [, sign = '', hex, binary, octal, decimal = ''] = match
    if (hex !== undefined) return inRange(sign, '0x', hex)
    if (binary !== undefined) return inRange(sign, '0b', binary)
    return octal === undefined ? inRange(sign, '', decimal) : inRange(sign, '0o', octal)
  }
  const odd = oddBinary.exec(digits)
  return odd ? inRange(odd[1] ?? '', '0b', odd[2] ?? '') : undefined
}

function inRange(sign: string, prefix: string, digits: string): bigint | undefined {
  const significant = digits.replace(/^0+(?=.)/, '')
  // No need to convert what cannot fit into 64 bits.
  if (significant.length > 64) return undefined
  const magnitude = BigInt(prefix + significant)
  const value = sign === '-' ? -magnitude : magnitude
  if (value < minInt64) return undefined
  return value <= (sign === '' ? maxUint64 : maxInt64) ? value : undefined
}

/** A number where it is exact. */
function narrow(value: bigint): number | bigint {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : value
}

function entries(
  texts: readonly string[],
  type: ScalarType,
  value: null | boolean | number,
): [string, { type: ScalarType; value: null | boolean | number }][] {
  return texts.map((text) => [text, { type, value }])
}
