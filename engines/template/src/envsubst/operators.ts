import { bytesGoString, goByteLength, goStringBytes } from '@sluice/go'
import { lowerChar, lowerText, upperChar, upperText } from '../sprig/letter-case.ts'
import { EnvsubstError } from './envsubst-error.ts'
import { globMatches, parseGlob } from './glob.ts'

/** Longest value in bytes from which a pattern cuts: each of its beginnings may have to be looked at. */
const maxTrimmedBytes = 16_384

/** What an operator makes of a variable's value. */
export type Operator = (value: string, args: readonly string[]) => string

/** Operators that have something to say where a variable is not set. */
export const defaultOperators: ReadonlySet<string> = new Set(['-', '+', '=', '?', ':-', ':+', ':=', ':?'])

/** The operator of a name. Unknown ones, and all of `:-`, `:+`, `:=`, `:?` alike, give a default for an empty value. */
export function operatorOf(name: string, argCount: number): Operator {
  if (name === '#' && argCount === 0) return (value) => String(goByteLength(value))
  return operators.get(name) ?? orDefault
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  [',', (value) => first(value, lowerChar)],
  [',,', lowerText],
  ['^', (value) => first(value, upperChar)],
  ['^^', upperText],
  ['#', (value, [pattern = '']) => trimStart(value, pattern, 'shortest')],
  ['##', (value, [pattern = '']) => trimStart(value, pattern, 'longest')],
  ['%', (value, [pattern = '']) => reverse(trimStart(reverse(value), reverse(pattern), 'shortest'))],
  ['%%', (value, [pattern = '']) => reverse(trimStart(reverse(value), reverse(pattern), 'longest'))],
  [':', substring],
  ['/', (value, [from = '', to = '']) => value.replace(from, () => to)],
  ['//', (value, [from = '', to = '']) => replaceAll(value, from, to)],
  [
    '/#',
    (value, args) =>
      args.length === 2 && value.startsWith(args[0] ?? '') ? args[1] + value.slice(args[0]?.length) : value,
  ],
  ['/%', replaceEnd],
])

function orDefault(value: string, args: readonly string[]): string {
  return value === '' ? args.join('') : value
}

function first(value: string, change: (rune: string) => string): string {
  const [rune = ''] = value
  return change(rune) + value.slice(rune.length)
}

/** Positions count bytes, negative ones from the end; what is no number leaves the value as it is. */
function substring(value: string, [offset = '', length]: readonly string[]): string {
  const from = atoi(offset)
  if (from === undefined) return value
  const bytes = goStringBytes(value)
  const start = from < 0 ? Math.max(bytes.length + from, 0) : from
  if (length === undefined) return bytesGoString(bytes.subarray(start))
  const count = atoi(length)
  if (count === undefined) return value
  const end = count < 0 ? Math.max(bytes.length + count, 0) : start + count
  return bytesGoString(bytes.subarray(start, end))
}

function atoi(text: string): number | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** An empty text is found before, between and after all characters. */
function replaceAll(value: string, from: string, to: string): string {
  if (from === '') return to + Array.from(value, (rune) => rune + to).join('')
  return value.replaceAll(from, () => to)
}

function replaceEnd(value: string, args: readonly string[]): string {
  const [from = '', to = ''] = args
  return args.length === 2 && value.endsWith(from) ? value.slice(0, value.length - from.length) + to : value
}

/** Cuts off the shortest or longest beginning, not an empty one, that a pattern matches. */
function trimStart(value: string, pattern: string, wanted: 'shortest' | 'longest'): string {
  const parts = parseGlob(goStringBytes(pattern))
  if (!parts) return value
  const bytes = goStringBytes(value)
  if (bytes.length > maxTrimmedBytes) {
    throw new EnvsubstError(
      'ENVSUBST_INVALID',
      `a value of ${bytes.length} bytes is too long for a pattern (at most ${maxTrimmedBytes})`,
    )
  }
  for (let i = 1; i <= bytes.length; i += 1) {
    const end = wanted === 'shortest' ? i : bytes.length + 1 - i
    if (globMatches(parts, bytes, end)) return bytesGoString(bytes.subarray(end))
  }
  return value
}

function reverse(text: string): string {
  return Array.from(text).toReversed().join('')
}
