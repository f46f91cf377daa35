import { atoi, GoError, goByteLength, parseTime, quoteRune } from '@sluice/go'

/** Source: RFC 3339, section 5.6, full-date. */
export function dateProblem(text: string): string | undefined {
  try {
    parseTime('2006-01-02', text)
    return undefined
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

/** Source: RFC 3339, section 5.6, full-time. */
export function timeProblem(text: string): string | undefined {
  // The shortest is 15:04:05Z.
  if (goByteLength(text) < 9) return 'less than 9 characters long'
  if (text[2] !== ':' || text[5] !== ':') return 'missing colon in correct place'
  const clock = numbersOf(text.slice(0, 8), 'hour/min/sec')
  if (typeof clock === 'string') return clock
  const [hour = 0, minute = 0, second = 0] = clock
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range'
  const [fraction, zone] = splitFraction(text.slice(8))
  if (fraction === '.') return 'no digits in second fraction'
  const offset = offsetMinutes(zone)
  if (typeof offset === 'string') return offset
  // A leap second is inserted at the end of a day in UTC.
  const utc = (hour * 60 + minute - offset + 1_440) % 1_440
  return second === 60 && utc !== 23 * 60 + 59 ? 'invalid leap second' : undefined
}

function splitFraction(text: string): readonly [string, string] {
  const fraction = /^\.\d*/.exec(text)?.[0] ?? ''
  return [fraction, text.slice(fraction.length)]
}

/** Minutes east of UTC, or what is wrong with the offset. */
function offsetMinutes(zone: string): number | string {
  if (zone === 'z' || zone === 'Z') return 0
  if (goByteLength(zone) !== 6) return 'offset must be 6 characters long'
  if (!/^[-+]/.test(zone)) return 'offset must begin with plus/minus'
  if (zone[3] !== ':') return 'missing colon in offset in correct place'
  const parts = numbersOf(zone.slice(1), 'hour/min in offset', 2)
  if (typeof parts === 'string') return parts
  const [hours = 0, minutes = 0] = parts
  if (hours > 23 || minutes > 59) return 'hour/min in offset out of range'
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function numbersOf(text: string, what: string, count = 3): readonly number[] | string {
  const parts = text.split(':')
  const kept = [...parts.slice(0, count - 1), parts.slice(count - 1).join(':')]
  const numbers: number[] = []
  for (const part of kept) {
    const number = integer(part)
    if (number === undefined) return `invalid ${what}`
    if (number < 0) return `non-positive ${what}`
    numbers.push(number)
  }
  return numbers
}

function integer(text: string): number | undefined {
  try {
    return Number(atoi(text))
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** Source: RFC 3339, section 5.6, date-time. */
export function dateTimeProblem(text: string): string | undefined {
  // The shortest is 2006-01-02T15:04:05Z.
  if (goByteLength(text) < 20) return 'less than 20 characters long'
  if (!/^t$/i.test(text[10] ?? '')) return '11th character must be t or T'
  const date = dateProblem(text.slice(0, 10))
  if (date !== undefined) return `invalid date element: ${date}`
  const time = timeProblem(text.slice(11))
  return time === undefined ? undefined : `invalid time element: ${time}`
}

const unitGroups = ['YMD', 'HMS']

/** Source: RFC 3339, appendix A, duration. */
export function durationProblem(text: string): string | undefined {
  if (!text.startsWith('P')) return 'must start with P'
  const elements = text.slice(1)
  if (elements === '') return 'nothing after P'
  if (elements.endsWith('W')) return weekProblem(elements.slice(0, -1))
  for (const [index, group] of elements.split('T').entries()) {
    if (index > 0 && group === '') return 'no time elements'
    const units = unitGroups[index]
    if (units === undefined) return 'more than one T'
    const problem = elementsProblem(group, units)
    if (problem !== undefined) return problem
  }
  return undefined
}

function weekProblem(count: string): string | undefined {
  if (count === '') return 'no number in week'
  return /^\d+$/.test(count) ? undefined : 'invalid week'
}

function elementsProblem(group: string, units: string): string | undefined {
  let rest = group
  let from = 0
  while (rest !== '') {
    const digits = /^\d*/.exec(rest)?.[0] ?? ''
    if (digits === '') return 'missing number'
    const unit = rest[digits.length]
    if (unit === undefined) return 'missing unit'
    const at = units.indexOf(unit)
    const named = quoteRune(unit.codePointAt(0) ?? 0)
    if (at < 0) return `invalid unit ${named}`
    if (at < from) return `unit ${named} out of order`
    from = at + 1
    rest = rest.slice(digits.length + 1)
  }
  return undefined
}

/** Source: RFC 3339, appendix A, period. */
export function periodProblem(text: string): string | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return 'missing slash'
  const start = text.slice(0, slash)
  const end = text.slice(slash + 1)
  if (start.startsWith('P')) {
    return (
      prefixed('invalid start duration: ', durationProblem(start)) ??
      prefixed('invalid end date-time: ', dateTimeProblem(end))
    )
  }
  return (
    prefixed('invalid start date-time: ', dateTimeProblem(start)) ??
    (end.startsWith('P')
      ? prefixed('invalid end duration: ', durationProblem(end))
      : prefixed('invalid end date-time: ', dateTimeProblem(end)))
  )
}

function prefixed(prefix: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : prefix + problem
}
