import {
  formatDuration,
  formatTime,
  GoError,
  type GoFunction,
  GoInt,
  GoTime,
  type GoValue,
  loadZone,
  NumError,
  parseDuration,
  parseInteger,
  parseTime,
  roundDuration,
  type TimeZone,
  timeFromMs,
  utcZone,
} from '@sluice/go'
import type { Clock } from '@sluice/ports'
import { define, type FunctionMap } from '../functions.ts'
import { TimeValue, zeroTime } from './time-values.ts'

const any = 'interface {}'
const htmlLayout = '2006-01-02'
const second = 1_000_000_000n
const day = 86_400n
/** What `durationRound` tells a duration in; only more than one of them counts. */
const roundUnits: readonly (readonly [name: string, nanoseconds: bigint])[] = [
  ['y', 365n * day * second],
  ['mo', 30n * day * second],
  ['d', day * second],
  ['h', 3_600n * second],
  ['m', 60n * second],
  ['s', second],
]

/** Sprig's functions of dates and durations. Source: Masterminds/sprig 3.3.0, date.go. */
export function dateFunctions(clock: Pick<Clock, 'now'>): FunctionMap {
  const now = (): GoTime => timeFromMs(clock.now())
  const inZone = (layout: string, date: GoValue, zone: string): string =>
    formatTime((timeOf(date, { small: true }) ?? now()).in(zoneOf(zone)), layout)
  const modify = define(
    ['string', 'time.Time'],
    (duration, date) => attempt(() => modified(duration, date)) ?? date,
  )
  const mustModify = define(['string', 'time.Time'], modified)
  const dateInZone = define(['string', any, 'string'], inZone)
  return new Map<string, GoFunction>([
    ['now', define([], () => new TimeValue(now()))],
    ['date', define(['string', any], (layout, date) => inZone(layout, date, 'Local'))],
    ['dateInZone', dateInZone],
    ['date_in_zone', dateInZone],
    ['htmlDate', define([any], (date) => inZone(htmlLayout, date, 'Local'))],
    ['htmlDateInZone', define([any, 'string'], (date, zone) => inZone(htmlLayout, date, zone))],
    ['dateModify', modify],
    ['date_modify', modify],
    ['mustDateModify', mustModify],
    ['must_date_modify', mustModify],
    [
      'toDate',
      define(
        ['string', 'string'],
        (layout, text) => attempt(() => new TimeValue(parseTime(layout, text))) ?? zeroTime,
      ),
    ],
    ['mustToDate', define(['string', 'string'], (layout, text) => new TimeValue(parseTime(layout, text)))],
    ['unixEpoch', define(['time.Time'], (date) => String(timeOf(date)?.seconds ?? 0))],
    [
      'ago',
      define([any], (date) => formatDuration(roundDuration(now().since(timeOf(date) ?? now()), second))),
    ],
    ['duration', define([any], (seconds) => formatDuration(BigInt.asIntN(64, secondsOf(seconds) * second)))],
    ['durationRound', define([any], (value) => rounded(nanosecondsOf(value, now)))],
  ])
}

/** The time of a time or of Unix seconds; `small` counts int32 as well. */
function timeOf(date: GoValue, { small = false }: { readonly small?: boolean } = {}): GoTime | undefined {
  if (date instanceof TimeValue) return date.time
  if (!(date instanceof GoInt) || date.type !== date.kind) return undefined
  const counts = date.kind === 'int' || date.kind === 'int64' || (small && date.kind === 'int32')
  return counts ? new GoTime(Number(date.value)) : undefined
}

function zoneOf(name: string): TimeZone {
  return attempt(() => loadZone(name)) ?? utcZone
}

function modified(duration: string, date: GoValue): GoValue {
  const nanoseconds = parseDuration(duration)
  return date instanceof TimeValue ? new TimeValue(date.time.add(nanoseconds)) : date
}

function secondsOf(value: GoValue): bigint {
  if (value instanceof GoInt && value.type === 'int64') return value.value
  return typeof value === 'string' ? leadingInteger(value) : 0n
}

/** As `strconv.ParseInt` without looking at its error: what is too large is the largest. */
function leadingInteger(text: string): bigint {
  try {
    return parseInteger(text, 10)
  } catch (cause) {
    if (!(cause instanceof NumError)) throw cause
    if (!/^[-+]?[0-9]+$/.test(text)) return 0n
    return text.startsWith('-') ? -(2n ** 63n) : 2n ** 63n - 1n
  }
}

function nanosecondsOf(value: GoValue, now: () => GoTime): bigint {
  if (typeof value === 'string') return attempt(() => parseDuration(value)) ?? 0n
  if (value instanceof TimeValue) return now().since(value.time)
  return value instanceof GoInt && value.type === 'int64' ? value.value : 0n
}

function rounded(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const unit = roundUnits.find(([, length]) => size > length)
  return unit ? `${size / unit[1]}${unit[0]}` : '0s'
}

/** What `run` gives, or nothing when it fails as Go's functions do. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof GoError) return undefined
    throw cause
  }
}
