/** The parts of a timestamp, as they are written. */
export type Timestamp = {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
  readonly second: string
  readonly fraction: string
  readonly zone: string
}

const form = /^(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)?)?$/

/**
 * A timestamp in one of the four forms that go-yaml takes; `undefined` for anything else, and for a date or time
 * that does not exist.
 *
 * Source: go-yaml v3.0.4, resolve.go, allowedTimestampFormats.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  if (text.charCodeAt(4) !== 45) return undefined
  const match = form.exec(text)
  if (!match) return undefined
  const [, year = '', month = '', day = '', separator, hour = '0', minute = '0', second = '0'] = match
  const [fraction = '', zone = ''] = [match[8], match[9]]
  // With `T` a zone must follow, with a space none may.
  if (separator === ' ' ? zone !== '' : separator !== undefined && zone === '') return undefined
  if (!isDay(Number(year), Number(month), Number(day))) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || !isZone(zone)) return undefined
  return { year, month, day, hour, minute, second, fraction: fraction.slice(0, 9), zone: zone || 'Z' }
}

/** A timestamp as Go's `time.Time` marshals it to JSON: RFC 3339 with the zone kept. */
export function formatTimestamp(stamp: Timestamp): string {
  const fraction = stamp.fraction.replace(/0+$/, '')
  const zone = stamp.zone === '+00:00' || stamp.zone === '-00:00' ? 'Z' : stamp.zone
  const day = `${stamp.year}-${twoDigits(stamp.month)}-${twoDigits(stamp.day)}`
  const time = `${twoDigits(stamp.hour)}:${twoDigits(stamp.minute)}:${twoDigits(stamp.second)}`
  return `${day}T${time}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

function twoDigits(text: string): string {
  return text.padStart(2, '0')
}

function isZone(zone: string): boolean {
  return zone.length < 6 || (Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) <= 60)
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return day >= 1 && day <= days
}
