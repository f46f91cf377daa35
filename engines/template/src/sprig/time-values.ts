import {
  formatDuration,
  formatTime,
  type GoFunction,
  GoInt,
  type GoMethods,
  GoObject,
  GoTime,
  type GoValue,
  goInt,
  goInt64,
  rfc3339Nano,
  roundDuration,
  timeFromCivil,
  timeString,
  truncateDuration,
  utcZone,
} from '@sluice/go'
import { define } from '../functions.ts'

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const zeroSeconds = -62_135_596_800

/** A `time.Time` as templates see it. */
export class TimeValue extends GoObject {
  readonly time: GoTime

  constructor(time: GoTime) {
    super('time.Time', new Map(), timeMethods(time))
    this.time = time
  }
}

/** The zero `time.Time`: the first second of the year 1. */
export const zeroTime: TimeValue = new TimeValue(new GoTime(zeroSeconds))

/** A `time.Duration` of nanoseconds. */
export function durationValue(nanoseconds: bigint): GoInt {
  const methods: [string, GoFunction][] = [
    ['String', getter(() => formatDuration(nanoseconds))],
    ['Nanoseconds', getter(() => goInt64(nanoseconds))],
    ['Microseconds', getter(() => goInt64(nanoseconds / 1_000n))],
    ['Milliseconds', getter(() => goInt64(nanoseconds / 1_000_000n))],
    ['Seconds', getter(() => durationIn(nanoseconds, 1_000_000_000n))],
    ['Minutes', getter(() => durationIn(nanoseconds, 60_000_000_000n))],
    ['Hours', getter(() => durationIn(nanoseconds, 3_600_000_000_000n))],
    ['Abs', getter(() => durationValue(nanoseconds < 0n ? -nanoseconds : nanoseconds))],
    ['Round', define(['time.Duration'], (to) => durationValue(roundDuration(nanoseconds, intOf(to))))],
    ['Truncate', define(['time.Duration'], (to) => durationValue(truncateDuration(nanoseconds, intOf(to))))],
  ]
  return new GoInt('int64', BigInt.asIntN(64, nanoseconds), 'time.Duration', new Map(methods))
}

/** As Go's Duration.Hours and so on: whole units and the rest apart. */
export function durationIn(nanoseconds: bigint, unit: bigint): number {
  return Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)
}

function other(call: (other: GoTime) => GoValue): GoFunction {
  return define(['time.Time'], (value) => call(value instanceof TimeValue ? value.time : zeroTime.time))
}

function timeMethods(time: GoTime): GoMethods {
  const milliseconds = (): bigint =>
    BigInt(time.seconds) * 1_000n + BigInt(Math.floor(time.nanoseconds / 1e6))
  const nanoseconds = (): bigint => BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds)
  return new Map<string, GoFunction>([
    ['String', getter(() => timeString(time))],
    ['MarshalText', getter(() => formatTime(time, rfc3339Nano))],
    ['Format', define(['string'], (layout) => formatTime(time, layout))],
    ['Year', getter(() => goInt(time.civil.year))],
    ['Month', getter(() => named('time.Month', time.civil.month, months[time.civil.month - 1]))],
    ['Day', getter(() => goInt(time.civil.day))],
    ['Hour', getter(() => goInt(time.civil.hour))],
    ['Minute', getter(() => goInt(time.civil.minute))],
    ['Second', getter(() => goInt(time.civil.second))],
    ['Nanosecond', getter(() => goInt(time.nanoseconds))],
    ['YearDay', getter(() => goInt(time.civil.yearDay))],
    ['Weekday', getter(() => named('time.Weekday', time.civil.weekday, weekdays[time.civil.weekday]))],
    ['Unix', getter(() => goInt64(time.seconds))],
    ['UnixMilli', getter(() => goInt64(milliseconds()))],
    ['UnixMicro', getter(() => goInt64(nanoseconds() / 1_000n))],
    ['UnixNano', getter(() => goInt64(nanoseconds()))],
    ['UTC', getter(() => new TimeValue(time.in(utcZone)))],
    ['Local', getter(() => new TimeValue(time.in(utcZone)))],
    ['IsZero', getter(() => time.seconds === zeroSeconds && time.nanoseconds === 0)],
    ['Add', define(['time.Duration'], (duration) => new TimeValue(time.add(intOf(duration))))],
    [
      'AddDate',
      define(['int', 'int', 'int'], (years, monthsToAdd, days) => addDate(time, [years, monthsToAdd, days])),
    ],
    ['Sub', other((it) => durationValue(time.since(it)))],
    ['Before', other((it) => time.since(it) < 0n)],
    ['After', other((it) => time.since(it) > 0n)],
    ['Equal', other((it) => time.since(it) === 0n)],
    ['Compare', other((it) => goInt(Math.sign(Number(time.since(it)))))],
    ['Round', define(['time.Duration'], (to) => new TimeValue(multiple(time, intOf(to), roundDuration)))],
    [
      'Truncate',
      define(['time.Duration'], (to) => new TimeValue(multiple(time, intOf(to), truncateDuration))),
    ],
  ])
}

/** Months and days beyond their range go over to the next. Source: https://pkg.go.dev/time#Time.AddDate */
function addDate(time: GoTime, [years, monthsToAdd, days]: readonly GoInt[]): TimeValue {
  const { civil } = time
  const month = civil.month - 1 + Number(monthsToAdd?.value ?? 0n)
  const first = timeFromCivil(
    {
      ...civil,
      year: civil.year + Number(years?.value ?? 0n) + Math.floor(month / 12),
      month: (((month % 12) + 12) % 12) + 1,
      day: civil.day + Number(days?.value ?? 0n),
    },
    time.zone,
  )
  return new TimeValue(first)
}

/** Times are rounded to a multiple since the zero time. */
function multiple(time: GoTime, to: bigint, round: (nanoseconds: bigint, to: bigint) => bigint): GoTime {
  const since = time.since(zeroTime.time)
  return time.add(round(since, to) - since)
}

function named(type: string, value: number, name = String(value)): GoInt {
  return new GoInt('int', BigInt(value), type, new Map([['String', getter(() => name)]]))
}

function getter(call: () => GoValue): GoFunction {
  return define([], call)
}

function intOf(value: GoValue): bigint {
  return value instanceof GoInt ? value.value : 0n
}
