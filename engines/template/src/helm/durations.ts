import {
  GoError,
  type GoFunction,
  GoInt,
  type GoValue,
  goInt64,
  goTypeName,
  parseDuration,
  parseFloat64,
  quote,
  roundDuration,
  sprint,
  truncateDuration,
} from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'
import { trimSpace } from '../sprig/letter-case.ts'
import { durationIn, durationValue } from '../sprig/time-values.ts'

const any = 'interface {}'
const second = 1_000_000_000n
const maxSeconds = (2n ** 63n - 1n) / second
const maxSecondsFloat = 2 ** 63 / 1e9

/**
 * Helm's functions of durations. All but `mustToDuration` take what is none for zero.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/funcs.go.
 */
export const durationFunctions: FunctionMap = new Map<string, GoFunction>([
  ['mustToDuration', define([any], (value) => durationValue(toDuration(value)))],
  ['durationSeconds', define([any], (value) => durationIn(orZero(value), second))],
  ['durationMinutes', define([any], (value) => durationIn(orZero(value), 60n * second))],
  ['durationHours', define([any], (value) => durationIn(orZero(value), 3_600n * second))],
  ['durationDays', define([any], (value) => durationIn(orZero(value), 3_600n * second) / 24)],
  ['durationWeeks', define([any], (value) => durationIn(orZero(value), 3_600n * second) / 24 / 7)],
  ['durationMilliseconds', define([any], (value) => goInt64(orZero(value) / 1_000_000n))],
  ['durationMicroseconds', define([any], (value) => goInt64(orZero(value) / 1_000n))],
  ['durationNanoseconds', define([any], (value) => goInt64(orZero(value)))],
  [
    'durationRoundTo',
    define([any, any], (value, to) => durationValue(roundDuration(orZero(value), orZero(to)))),
  ],
  [
    'durationTruncateTo',
    define([any, any], (value, to) => durationValue(truncateDuration(orZero(value), orZero(to)))),
  ],
])

function orZero(value: GoValue): bigint {
  try {
    return toDuration(value)
  } catch (cause) {
    if (cause instanceof GoError) return 0n
    throw cause
  }
}

/** Nanoseconds of a duration, of its text, or of a number of seconds. */
function toDuration(value: GoValue): bigint {
  if (typeof value === 'string') return ofText(value)
  if (value === null || value === undefined) throw new GoError('invalid duration')
  if (typeof value === 'number') return ofSeconds(value)
  if (!(value instanceof GoInt)) throw new GoError(`unsupported duration type ${goTypeName(value)}`)
  if (value.type === 'time.Duration') return value.value
  if (value.value > maxSeconds || value.value < -maxSeconds) {
    throw new GoError(`duration seconds overflow: ${value.value}`)
  }
  return value.value * second
}

function ofText(text: string): bigint {
  const trimmed = trimSpace(text)
  if (trimmed === '') throw new GoError('empty duration')
  try {
    return parseDuration(trimmed)
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
  }
  let seconds: number
  try {
    seconds = parseFloat64(trimmed)
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
    throw new GoError(`could not parse duration ${quote(text)}`)
  }
  return ofSeconds(seconds)
}

function ofSeconds(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new GoError(`invalid duration seconds: ${sprint([seconds])}`)
  if (Math.abs(seconds) > maxSecondsFloat) {
    throw new GoError(`duration seconds overflow: ${sprint([seconds])}`)
  }
  return BigInt(Math.trunc(seconds * 1e9))
}
