import type { CivilTime, GoTime } from './go-time.ts'
import { longDays, longMonths, parseLayout, shortDays, shortMonths } from './layout.ts'

/** Layout of a time in RFC 3339. */
export const rfc3339 = '2006-01-02T15:04:05Z07:00'
/** As {@link rfc3339} with as many digits of a second as there are. */
export const rfc3339Nano = '2006-01-02T15:04:05.999999999Z07:00'

/** Writes a time by a layout such as `2006-01-02`. Source: https://pkg.go.dev/time#Time.Format */
export function formatTime(time: GoTime, layout: string): string {
  const { civil } = time
  return parseLayout(layout)
    .map(({ kind, text }) => (kind === 'text' ? text : formatElement(text, civil)))
    .join('')
}

/** A time as `time.Time` prints itself. */
export function timeString(time: GoTime): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}

function formatElement(element: string, civil: CivilTime): string {
  const write = writers.get(element)
  if (write) return write(civil)
  if (element.startsWith('.') || element.startsWith(',')) return fraction(element, civil.nanosecond)
  return zoneOffset(element, civil.offset)
}

const writers: ReadonlyMap<string, (civil: CivilTime) => string> = new Map([
  ['January', ({ month }) => longMonths[month - 1] ?? ''],
  ['Jan', ({ month }) => shortMonths[month - 1] ?? ''],
  ['1', ({ month }) => String(month)],
  ['01', ({ month }) => padded(month)],
  ['Monday', ({ weekday }) => longDays[weekday] ?? ''],
  ['Mon', ({ weekday }) => shortDays[weekday] ?? ''],
  ['2', ({ day }) => String(day)],
  ['_2', ({ day }) => String(day).padStart(2)],
  ['02', ({ day }) => padded(day)],
  ['__2', ({ yearDay }) => String(yearDay).padStart(3)],
  ['002', ({ yearDay }) => padded(yearDay, 3)],
  ['15', ({ hour }) => padded(hour)],
  ['3', ({ hour }) => String(hour % 12 || 12)],
  ['03', ({ hour }) => padded(hour % 12 || 12)],
  ['4', ({ minute }) => String(minute)],
  ['04', ({ minute }) => padded(minute)],
  ['5', ({ second }) => String(second)],
  ['05', ({ second }) => padded(second)],
  ['2006', ({ year }) => padded(year, 4)],
  ['06', ({ year }) => padded(Math.max(year, 0) % 100)],
  ['PM', ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  ['pm', ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
  ['MST', ({ abbreviation, offset }) => (abbreviation === '' ? unnamedZone(offset) : abbreviation)],
])

/** `.000` has as many digits as it has zeros, `.999` no trailing zeros. */
function fraction(element: string, nanosecond: number): string {
  const digits = padded(nanosecond, 9)
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, '0')
  if (element[1] === '0') return element.slice(0, 1) + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : element.slice(0, 1) + trimmed
}

/** `-07:00` and its like; those with `Z` write UTC as `Z`. */
function zoneOffset(element: string, offset: number): string {
  if (offset === 0 && element.startsWith('Z')) return 'Z'
  const size = Math.abs(offset)
  const separator = element.includes(':') ? ':' : ''
  const parts = [Math.floor(size / 3_600), Math.floor((size % 3_600) / 60), size % 60]
  const count = element.replaceAll(':', '').length >> 1
  // The sign is that of the offset in whole minutes.
  const sign = Math.trunc(offset / 60) < 0 ? '-' : '+'
  return (
    sign +
    parts
      .slice(0, count)
      .map((it) => padded(it))
      .join(separator)
  )
}

function unnamedZone(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60)
  const sign = offset <= -60 ? '-' : '+'
  return `${sign}${padded(Math.floor(minutes / 60))}${padded(minutes % 60)}`
}

function padded(value: number, width = 2): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0')
}
