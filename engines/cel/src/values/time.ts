import { GoError, parseDuration as parseGoDuration } from '@sluice/go'

/** A point in time between the years 1 and 9999, to the nanosecond. */
export class Timestamp {
  readonly kind = 'timestamp'
  /** Seconds since 1970, rounded down. */
  readonly seconds: number
  readonly nanos: number
  /** East of UTC; tells how the timestamp prints, not when it is. */
  readonly offsetSeconds: number

  constructor(seconds: number, nanos: number, offsetSeconds = 0) {
    this.seconds = seconds
    this.nanos = nanos
    this.offsetSeconds = offsetSeconds
  }
}

/** A span of time in nanoseconds that fits 64 bits. */
export class Duration {
  readonly kind = 'duration'
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export const minUnixSeconds = -62_135_596_800
export const maxUnixSeconds = 253_402_300_799
const nanosPerSecond = 1_000_000_000n

export function isTimestampSeconds(seconds: number): boolean {
  return seconds >= minUnixSeconds && seconds <= maxUnixSeconds
}

/** `undefined` when the result leaves the range of timestamps. */
export function addDuration(timestamp: Timestamp, nanos: bigint): Timestamp | undefined {
  const total = BigInt(timestamp.seconds) * nanosPerSecond + BigInt(timestamp.nanos) + nanos
  const seconds = floorDivide(total, nanosPerSecond)
  if (!isTimestampSeconds(Number(seconds))) return undefined
  return new Timestamp(Number(seconds), Number(total - seconds * nanosPerSecond), timestamp.offsetSeconds)
}

/** Nanoseconds from `b` to `a`. */
export function nanosBetween(a: Timestamp, b: Timestamp): bigint {
  return BigInt(a.seconds - b.seconds) * nanosPerSecond + BigInt(a.nanos - b.nanos)
}

export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return Math.sign(a.seconds - b.seconds) || Math.sign(a.nanos - b.nanos)
}

/** The civil date and time of day at an offset east of UTC. */
export type CivilTime = {
  readonly year: number
  /** From 0. */
  readonly month: number
  /** From 1. */
  readonly day: number
  /** From 0. */
  readonly dayOfYear: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
}

export function civilTime(timestamp: Timestamp, offsetSeconds: number): CivilTime {
  const date = new Date((timestamp.seconds + offsetSeconds) * 1000)
  const year = date.getUTCFullYear()
  const start = new Date(0)
  start.setUTCFullYear(year)
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    dayOfYear: Math.floor((date.getTime() - start.getTime()) / 86_400_000),
    weekday: date.getUTCDay(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
  }
}

/** RFC 3339 with as many fractional digits as are needed. */
export function formatTimestamp({ seconds, nanos, offsetSeconds }: Timestamp): string {
  const time = civilTime(new Timestamp(seconds, nanos), offsetSeconds)
  const date = `${String(time.year).padStart(4, '0')}-${two(time.month + 1)}-${two(time.day)}`
  const clock = `${two(time.hours)}:${two(time.minutes)}:${two(time.seconds)}`
  return `${date}T${clock}${fraction(nanos)}${formatOffset(offsetSeconds)}`
}

function formatOffset(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z'
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60)
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function fraction(nanos: number): string {
  if (nanos === 0) return ''
  return `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
}

/** Seconds with as many decimals as the nearest double needs, and an `s`. */
export function formatDuration(duration: Duration): string {
  const seconds = durationSeconds(duration)
  return `${plainDecimal(seconds)}s`
}

/** Seconds as Go computes them: the whole part and the rest are converted apart. */
export function durationSeconds({ nanos }: Duration): number {
  return Number(nanos / nanosPerSecond) + Number(nanos % nanosPerSecond) / 1e9
}

/** A double in decimal notation without exponent. */
export function plainDecimal(value: number): string {
  const text = String(value)
  const at = text.indexOf('e')
  if (at < 0) return text
  const exponent = Number(text.slice(at + 1))
  const negative = text.startsWith('-')
  const mantissa = text.slice(negative ? 1 : 0, at)
  const [whole = '', decimals = ''] = mantissa.split('.')
  const digits = whole + decimals
  const point = whole.length + exponent
  let out: string
  if (point <= 0) out = `0.${'0'.repeat(-point)}${digits}`
  else if (point >= digits.length) out = digits + '0'.repeat(point - digits.length)
  else out = `${digits.slice(0, point)}.${digits.slice(point)}`
  return negative ? `-${out}` : out
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

const timestampForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,}))?(Z|[+-]\d{2}:\d{2})$/

/** Parses RFC 3339 as Go's `time.Parse` does; `undefined` for anything else. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = timestampForm.exec(text)
  if (!match) return undefined
  const [, year, month, day, hours, minutes, seconds, decimals = '', zone = 'Z'] = match
  const fields = [year, month, day, hours, minutes, seconds].map(Number)
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = fields
  if (mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 59) return undefined
  const offset = parseOffset(zone)
  if (offset === undefined) return undefined
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  const unix = date.getTime() / 1000 + h * 3600 + mi * 60 + s - offset
  const nanos = Number(decimals.slice(0, 9).padEnd(9, '0'))
  return new Timestamp(unix, nanos, offset)
}

function parseOffset(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 24 || minutes > 60) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60)
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  if (month === 2) return isLeap ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** Parses a Go duration such as `-1h2.5s`; `undefined` for anything else or beyond 64 bits. */
export function parseDuration(text: string): Duration | undefined {
  try {
    return new Duration(parseGoDuration(text))
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}
