import type { TypeKind } from '../../types/cel-type.ts'
import { isInt } from '../../values/numbers.ts'
import { CelError, type CelValue, typeNameOf, Uint } from '../../values/value.ts'
import type { FormatStyle, WriteValue } from './format.ts'

/** A failure of a clause that says what it takes and what it was given. */
export function refuse(rule: string, value: CelValue): CelError {
  return new CelError(`${rule}, was given ${typeNameOf(value)}`)
}

/** The digits of an int or uint in a base; `undefined` for other values. */
export function digitsOf(value: CelValue, base: number): string | undefined {
  if (isInt(value)) return value.toString(base)
  return value instanceof Uint ? value.value.toString(base) : undefined
}

/** Hexadecimal digits of numbers, and of the bytes of strings and bytes. */
export function hexadecimalOf(value: CelValue, isUpper: boolean): string | undefined {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  const digits =
    bytes instanceof Uint8Array
      ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
      : digitsOf(value, 16)
  return isUpper ? digits?.toUpperCase() : digits
}

/** Writes all values, or gives the first failure. */
export function writeAll(values: readonly CelValue[], write: WriteValue): readonly string[] | CelError {
  const out: string[] = []
  for (const value of values) {
    const text = write(value)
    if (typeof text !== 'string') return text
    out.push(text)
  }
  return out
}

export function binaryOf(value: CelValue): string | undefined {
  return typeof value === 'boolean' ? String(Number(value)) : digitsOf(value, 2)
}

export const stringRule =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps'
export const defaultPrecision = 6

/** What a clause takes, and how it says so. */
export type ClauseRule = { readonly rule: string; readonly kinds: readonly TypeKind[] }
export type ClauseRules = Readonly<
  Record<'decimal' | 'fixed' | 'scientific' | 'binary' | 'hexadecimal' | 'octal', ClauseRule>
>

const numbers: readonly TypeKind[] = ['int', 'uint', 'double']

/** The rules of the clauses in each style. */
export const clauseRules: Readonly<Record<FormatStyle, ClauseRules>> = {
  localized: {
    decimal: { rule: 'decimal clause can only be used on integers', kinds: ['int', 'uint'] },
    fixed: { rule: 'fixed-point clause can only be used on doubles', kinds: ['double', 'string'] },
    scientific: { rule: 'scientific clause can only be used on doubles', kinds: ['double', 'string'] },
    binary: { rule: 'only integers and bools can be formatted as binary', kinds: ['bool', 'int', 'uint'] },
    hexadecimal: {
      rule: 'only integers, byte buffers, and strings can be formatted as hex',
      kinds: ['int', 'uint', 'string', 'bytes'],
    },
    octal: { rule: 'octal clause can only be used on integers', kinds: ['int', 'uint'] },
  },
  plain: {
    decimal: { rule: 'decimal clause can only be used on ints, uints, and doubles', kinds: numbers },
    fixed: { rule: 'fixed-point clause can only be used on ints, uints, and doubles', kinds: numbers },
    scientific: { rule: 'scientific clause can only be used on ints, uints, and doubles', kinds: numbers },
    binary: {
      rule: 'only ints, uints, and bools can be formatted as binary',
      kinds: ['bool', 'int', 'uint'],
    },
    hexadecimal: {
      rule: 'only ints, uints, bytes, and strings can be formatted as hex',
      kinds: ['int', 'uint', 'string', 'bytes'],
    },
    octal: { rule: 'octal clause can only be used on ints and uints', kinds: ['int', 'uint'] },
  },
}
