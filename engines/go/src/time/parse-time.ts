import { GoError } from '../error.ts'
import { daysInMonth, isLeapYear } from './calendar.ts'
import { quoteTime } from './duration.ts'
import { GoTime, timeFromCivil } from './go-time.ts'
import { type LayoutPart, longDays, longMonths, parseLayout, shortDays, shortMonths } from './layout.ts'
import { fixedZone, type TimeZone, utcZone } from './zone.ts'

/** What has been read of a time so far. -1 where nothing was. */
type Fields = {
  year: number
  month: number
  day: number
  yearDay: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  half: 'AM' | 'PM' | undefined
  zone: TimeZone | undefined
  offset: number | undefined
  zoneName: string
}

/** Reads an element from the beginning of `text`; gives the rest, or `undefined` when it is not there. */
type Reader = (text: string, fields: Fields) => string | undefined

/** A number was read but is out of range. */
class RangeProblem extends GoError {
  override readonly name = 'RangeProblem'

  constructor(what: string) {
    super(`${what} out of range`)
  }
}

/**
 * Reads a time by a layout. Without a zone in the text it is a time of `zone`.
 *
 * Source: https://pkg.go.dev/time#ParseInLocation
 * @throws {GoError} with Go's message
 */
export function parseTime(layout: string, value: string, zone: TimeZone = utcZone): GoTime {
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    zone: undefined,
    offset: undefined,
    zoneName: '',
  }
  const failure = (message: string): GoError => new GoError(`parsing time ${quoteTime(value)}${message}`)
  const cannotParse = (text: string, element: string): GoError =>
    failure(` as ${quoteTime(layout)}: cannot parse ${quoteTime(text)} as ${quoteTime(element)}`)
  const parts = parseLayout(layout)
  let rest = value
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') {
      const skipped = skipText(rest, part.text)
      if (!skipped.found) throw cannotParse(skipped.rest, part.text)
      ;({ rest } = skipped)
      continue
    }
    const next = readElement(rest, part.text, { fields, following: parts[index + 1] }, failure)
    if (next === undefined) throw cannotParse(rest, part.text)
    rest = next
  }
  if (rest !== '') throw failure(`: extra text: ${quoteTime(rest)}`)
  const problem = completeDate(fields)
  if (problem) throw failure(`: ${problem}`)
  return toTime(fields, zone)
}

function readElement(
  rest: string,
  element: string,
  { fields, following }: { readonly fields: Fields; readonly following: LayoutPart | undefined },
  failure: (message: string) => GoError,
): string | undefined {
  try {
    const next = readerOf(element)(rest, fields)
    const isSecond = element === '5' || element === '05'
    if (next !== undefined && isSecond && !isFraction(following)) return readUnasked(next, fields)
    return next
  } catch (error) {
    if (error instanceof RangeProblem) throw failure(`: ${error.message}`)
    throw error
  }
}

function isFraction(part: LayoutPart | undefined): boolean {
  return part?.kind === 'element' && /^[.,]/.test(part.text)
}

/** A fraction may follow the seconds even where the layout has none. */
function readUnasked(text: string, fields: Fields): string {
  return /^[.,][0-9]/.test(text) ? readFraction(text, fields) : text
}

/** Runs of spaces match runs of spaces. */
function skipText(value: string, text: string): { readonly found: boolean; readonly rest: string } {
  let rest = value
  let at = 0
  while (at < text.length) {
    if (text[at] === ' ') {
      if (rest !== '' && rest[0] !== ' ') return { found: false, rest }
      while (text[at] === ' ') at += 1
      rest = rest.replace(/^ +/, '')
    } else {
      if (rest === '' || rest[0] !== text[at]) return { found: false, rest }
      at += 1
      rest = rest.slice(1)
    }
  }
  return { found: true, rest }
}

function readerOf(element: string): Reader {
  const reader = readers.get(element)
  if (reader) return reader
  if (/^[.,]0/.test(element)) return exactFraction(element.length)
  if (/^[.,]/.test(element)) {
    return (text, fields) => (/^[.,][0-9]/.test(text) ? readFraction(text, fields) : text)
  }
  return offsetReader(element)
}

const twoDigits = /^[0-9]{2}/
const oneOrTwoDigits = /^[0-9]{1,2}/

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['January', nameReader(longMonths, (fields, index) => (fields.month = index + 1))],
  ['Jan', nameReader(shortMonths, (fields, index) => (fields.month = index + 1))],
  ['1', numberReader(oneOrTwoDigits, monthOf)],
  ['01', numberReader(twoDigits, monthOf)],
  ['Monday', nameReader(longDays, () => undefined)],
  ['Mon', nameReader(shortDays, () => undefined)],
  ['2', numberReader(oneOrTwoDigits, dayOf)],
  ['_2', numberReader(/^ ?[0-9]{1,2}/, dayOf)],
  ['02', numberReader(twoDigits, dayOf)],
  ['__2', numberReader(/^ {0,2}[0-9]{1,3}/, yearDayOf)],
  ['002', numberReader(/^[0-9]{3}/, yearDayOf)],
  ['15', numberReader(oneOrTwoDigits, (fields, value) => hourOf(fields, value, 23))],
  ['3', numberReader(oneOrTwoDigits, (fields, value) => hourOf(fields, value, 12))],
  ['03', numberReader(twoDigits, (fields, value) => hourOf(fields, value, 12))],
  ['4', numberReader(oneOrTwoDigits, minuteOf)],
  ['04', numberReader(twoDigits, minuteOf)],
  ['5', numberReader(oneOrTwoDigits, secondOf)],
  ['05', numberReader(twoDigits, secondOf)],
  ['2006', numberReader(/^[0-9]{4}/, (fields, value) => (fields.year = value))],
  ['06', numberReader(twoDigits, (fields, value) => (fields.year = value + (value >= 69 ? 1_900 : 2_000)))],
  ['PM', halfReader(/^(?:AM|PM)/)],
  ['pm', halfReader(/^(?:am|pm)/)],
  ['MST', readZoneName],
])

function nameReader(names: readonly string[], store: (fields: Fields, index: number) => unknown): Reader {
  return (text, fields) => {
    const index = names.findIndex((name) => text.slice(0, name.length).toLowerCase() === name.toLowerCase())
    if (index < 0) return undefined
    store(fields, index)
    return text.slice(names[index]?.length)
  }
}

function numberReader(form: RegExp, store: (fields: Fields, value: number) => unknown): Reader {
  return (text, fields) => {
    const digits = form.exec(text)?.[0]
    if (digits === undefined) return undefined
    store(fields, Number(digits))
    return text.slice(digits.length)
  }
}

function monthOf(fields: Fields, value: number): void {
  if (value < 1 || value > 12) throw new RangeProblem('month')
  fields.month = value
}

function dayOf(fields: Fields, value: number): void {
  fields.day = value
}

function yearDayOf(fields: Fields, value: number): void {
  fields.yearDay = value
}

function hourOf(fields: Fields, value: number, most: number): void {
  if (value > most) throw new RangeProblem('hour')
  fields.hour = value
}

function minuteOf(fields: Fields, value: number): void {
  if (value >= 60) throw new RangeProblem('minute')
  fields.minute = value
}

function secondOf(fields: Fields, value: number): void {
  if (value >= 60) throw new RangeProblem('second')
  fields.second = value
}

function halfReader(form: RegExp): Reader {
  return (text, fields) => {
    const half = form.exec(text)?.[0]
    if (half === undefined) return undefined
    fields.half = half.toUpperCase() === 'PM' ? 'PM' : 'AM'
    return text.slice(2)
  }
}

/** `.000` wants exactly as many digits. */
function exactFraction(length: number): Reader {
  const form = new RegExp(`^[.,][0-9]{${length - 1}}`)
  return (text, fields) => {
    const digits = form.exec(text)?.[0]
    if (digits === undefined) return undefined
    fields.nanosecond = Number(digits.slice(1, 10).padEnd(9, '0'))
    return text.slice(digits.length)
  }
}

/** Reads all digits that are there; those beyond nanoseconds do not count. */
function readFraction(text: string, fields: Fields): string {
  const digits = /^[.,][0-9]+/.exec(text)?.[0] ?? ''
  fields.nanosecond = Number(digits.slice(1, 10).padEnd(9, '0'))
  return text.slice(digits.length)
}

/** `-0700`, `Z07:00` and so on. */
function offsetReader(element: string): Reader {
  const digits = element.slice(1).replaceAll(/0[07]/g, '([0-9]{2})')
  const form = new RegExp(`^([-+])${digits}`)
  // Go takes a bare Z for all but the forms with seconds.
  const mayBeZ = element.startsWith('Z') && element.replaceAll(':', '').length < 7
  return (text, fields) => {
    if (mayBeZ && text.startsWith('Z')) {
      fields.zone = utcZone
      return text.slice(1)
    }
    const match = form.exec(text)
    if (!match) return undefined
    const [whole, sign, hours, minutes = '0', seconds = '0'] = match
    if (Number(hours) > 24) throw new RangeProblem('time zone offset hour')
    if (Number(minutes) > 60) throw new RangeProblem('time zone offset minute')
    if (Number(seconds) > 60) throw new RangeProblem('time zone offset second')
    const size = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
    fields.offset = sign === '-' ? -size : size
    return text.slice(whole.length)
  }
}

function readZoneName(text: string, fields: Fields): string | undefined {
  if (text.startsWith('UTC')) {
    fields.zone = utcZone
    return text.slice(3)
  }
  const name = zoneNameAt(text)
  if (name === undefined) return undefined
  fields.zoneName = name
  return text.slice(name.length)
}

/** An abbreviation of three to five letters, `GMT+3`, or a bare offset. */
function zoneNameAt(text: string): string | undefined {
  if (text.length < 3) return undefined
  if (/^(?:ChST|MeST)/.test(text)) return text.slice(0, 4)
  if (text.startsWith('GMT')) return `GMT${signedHours(text.slice(3))}`
  if (/^[-+]/.test(text)) return signedHours(text) || undefined
  const letters = /^[A-Z]{0,6}/.exec(text)?.[0] ?? ''
  if (letters.length === 3) return letters
  if (letters.length === 4 && (letters.endsWith('T') || letters === 'WITA')) return letters
  return letters.length === 5 && letters.endsWith('T') ? letters : undefined
}

function signedHours(text: string): string {
  const match = /^[-+][0-9]+/.exec(text)?.[0] ?? ''
  return Number(match.slice(1)) > 23 ? '' : match
}

/** Fills in month and day, checks them, and tells what is wrong. */
function completeDate(fields: Fields): string | undefined {
  if (fields.half === 'PM' && fields.hour < 12) fields.hour += 12
  else if (fields.half === 'AM' && fields.hour === 12) fields.hour = 0
  const { year, yearDay } = fields
  if (yearDay >= 0) {
    if (yearDay < 1 || yearDay > (isLeapYear(year) ? 366 : 365)) return 'day-of-year out of range'
    let month = 1
    let day = yearDay
    while (day > daysInMonth(year, month)) {
      day -= daysInMonth(year, month)
      month += 1
    }
    if (fields.month >= 0 && fields.month !== month) return 'day-of-year does not match month'
    if (fields.day >= 0 && fields.day !== day) return 'day-of-year does not match day'
    fields.month = month
    fields.day = day
  }
  if (fields.month < 0) fields.month = 1
  if (fields.day < 0) fields.day = 1
  const valid = fields.day >= 1 && fields.day <= daysInMonth(year, fields.month)
  return valid ? undefined : 'day out of range'
}

function toTime(fields: Fields, zone: TimeZone): GoTime {
  if (fields.zone) return timeFromCivil(fields, fields.zone)
  const { offset, zoneName } = fields
  if (offset === undefined && zoneName === '') return timeFromCivil(fields, zone)
  const shown = timeFromCivil(fields, utcZone)
  if (offset !== undefined) {
    const seconds = shown.seconds - offset
    const state = zone.at(seconds)
    const isLocal = state.offset === offset && (zoneName === '' || state.abbreviation === zoneName)
    return new GoTime(seconds, shown.nanoseconds, isLocal ? zone : fixedZone(zoneName, offset))
  }
  const known = zone.offsetOf(zoneName, shown.seconds)
  if (known !== undefined) return new GoTime(shown.seconds - known, shown.nanoseconds, zone)
  // An unknown abbreviation is a zone of that name at UTC; GMT+3 shows three hours more than was read.
  const hours = zoneName.startsWith('GMT') ? Number(zoneName.slice(3)) : 0
  return shown.in(fixedZone(zoneName, hours * 3_600))
}
