import {
  fixedZone,
  GoError,
  type GoValue,
  goInt64,
  NumError,
  parseFloat64,
  parseInteger,
  parseTime,
  quote,
  rfc3339Nano,
  utcZone,
} from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import { TimeValue } from '../sprig/time-values.ts'

/** Layouts of dates and times, and the zone of those that name none. */
const layouts = [
  [rfc3339Nano, utcZone],
  ['2006-01-02T15:04:05.999999999', fixedZone('datetime-local', 0)],
  ['2006-01-02', fixedZone('date-local', 0)],
  ['15:04:05.999999999', fixedZone('time-local', 0)],
  ['2006-01-02T15:04Z07:00', utcZone],
  ['2006-01-02T15:04', fixedZone('datetime-local', 0)],
  ['15:04', fixedZone('time-local', 0)],
] as const

/** @throws {GoError} with the Go library's words */
export function integerValue(text: string): GoValue {
  if (!underscoresAreFine(text)) throw invalid('integer', text, 'underscores must be surrounded by digits')
  if (hasLeadingZero(text)) throw invalid('integer', text, 'cannot have leading zeroes')
  try {
    return goInt64(parseInteger(text, 0))
  } catch (cause) {
    if (cause instanceof NumError) throw new GoError(`${text} is out of range for int64`, { cause })
    throw cause
  }
}

/** @throws {GoError} */
export function floatValue(text: string): GoValue {
  const parts = text.split(/[.eE]/).filter((part) => part !== '')
  if (!parts.every(underscoresAreFine)) {
    throw invalid('float', text, 'underscores must be surrounded by digits')
  }
  if (hasLeadingZero(parts[0] ?? '')) throw invalid('float', text, 'cannot have leading zeroes')
  if (/\.(?!\d)/.test(text)) throw invalid('float', text, "'.' must be followed by one or more digits")
  try {
    return parseFloat64(text.replaceAll('_', '').replace(/^[+-](?=nan$)/, ''))
  } catch (cause) {
    if (!(cause instanceof NumError)) throw cause
    if (cause.reason === 'value out of range') {
      throw new GoError(`${text} is out of range for float64`, { cause })
    }
    throw new GoError(`Invalid float value: ${quote(text)}`, { cause })
  }
}

/** @throws {GoError} */
export function dateValue(text: string): GoValue {
  const normal = text.replaceAll('z', 'Z').replaceAll(/[t ]/g, 'T')
  for (const [layout, zone] of layouts) {
    try {
      return new TimeValue(parseTime(layout, normal, zone))
    } catch (cause) {
      if (!(cause instanceof ToolkitError)) throw cause
    }
  }
  throw new GoError(`invalid datetime: ${quote(text)}`)
}

function invalid(kind: string, text: string, why: string): GoError {
  return new GoError(`Invalid ${kind} ${quote(text)}: ${why}`)
}

function underscoresAreFine(text: string): boolean {
  return /^[+-]?(nan|inf)$/.test(text) || !/^_|_$|__|_(?![0-9a-fA-F])|(?<![0-9a-fA-F])_/.test(text)
}

function hasLeadingZero(text: string): boolean {
  return /^0\d/.test(text) || /^[+-]0./.test(text)
}
