import { formatFloat } from '@sluice/go'
import { compareText } from '../../values/equality.ts'
import { isInt } from '../../values/numbers.ts'
import { formatDuration, formatTimestamp, Timestamp } from '../../values/time.ts'
import { CelError, type CelValue, Double, TypeValue, Uint } from '../../values/value.ts'
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

const rules = clauseRules.plain

/** The newer style of `format`: the same everywhere, numbers of all types in all clauses for numbers. */
export const plainStyle: FormatClauses = {
  string: (value) => writeString(value),
  decimal: (value) => {
    if (value instanceof Double) return formatNumber(value.value)
    return digitsOf(value, 10) ?? refuse(rules.decimal.rule, value)
  },
  fixed: (precision = defaultPrecision) =>
    writeNumber(rules.fixed, (value) => formatFloat(value, 'f', precision)),
  scientific: (precision = defaultPrecision) =>
    writeNumber(rules.scientific, (value) => formatFloat(value, 'e', precision)),
  binary: (value) => binaryOf(value) ?? refuse(rules.binary.rule, value),
  hexadecimal: (isUpper) => (value) => hexadecimalOf(value, isUpper) ?? refuse(rules.hexadecimal.rule, value),
  octal: (value) => digitsOf(value, 8) ?? refuse(rules.octal.rule, value),
}

function writeNumber({ rule }: ClauseRule, write: (value: number) => string): WriteValue {
  return (value) => {
    const number = isInt(value) ? Number(value) : numberOf(value)
    if (number === undefined) return refuse(rule, value)
    return Number.isFinite(number) ? write(number) : formatNumber(number)
  }
}

function numberOf(value: CelValue): number | undefined {
  return value instanceof Double || value instanceof Uint ? Number(value.value) : undefined
}

function formatNumber(value: number): string {
  return Number.isFinite(value) ? formatFloat(value, 'f', -1) : String(value)
}

function writeString(value: CelValue): string | CelError {
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  return value === null ? 'null' : writeObject(value)
}

function writeObject(value: Exclude<CelValue, null>): string | CelError {
  if (value instanceof Double) return formatNumber(value.value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (value instanceof TypeValue) return value.type.name
  if (typeof value !== 'object' || !('kind' in value)) return refuse(stringRule, value)
  switch (value.kind) {
    case 'timestamp':
      return formatTimestamp(new Timestamp(value.seconds, value.nanos))
    case 'duration':
      return formatDuration(value)
    case 'list': {
      const items = writeAll(value.items, writeString)
      return items instanceof CelError ? items : `[${items.join(', ')}]`
    }
    case 'map':
      return writeMap(value)
  }
}

function writeMap(value: Extract<CelValue, { kind: 'map' }>): string | CelError {
  const entries: [string, string][] = []
  for (const key of value.keys()) {
    const name = writeString(key)
    if (name instanceof CelError) return name
    const item = writeString(value.find(key) ?? null)
    if (item instanceof CelError) return item
    entries.push([name, item])
  }
  const sorted = entries.toSorted(([a], [b]) => compareText(a, b))
  return `{${sorted.map(([name, item]) => `${name}: ${item}`).join(', ')}}`
}
