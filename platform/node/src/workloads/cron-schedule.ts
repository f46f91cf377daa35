/** When something is to happen: at times of the clock, or again and again. */
export type CronSchedule =
  | {
      readonly kind: 'clock'
      readonly minutes: ReadonlySet<number>
      readonly hours: ReadonlySet<number>
      readonly days: ReadonlySet<number>
      readonly months: ReadonlySet<number>
      readonly weekdays: ReadonlySet<number>
      /** Whether the day must be one of the month and one of the week; else one of them is enough. */
      readonly needsBothDays: boolean
    }
  | { readonly kind: 'every'; readonly ms: number }

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** A schedule such as 30 February never comes. */
const longestSearchMs = 5 * 366 * dayMs

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])
const monthNames = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', minuteMs],
  ['h', hourMs],
])

/**
 * Reads a schedule that the server has accepted; `undefined` for any other text.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function parseCron(text: string): CronSchedule | undefined {
  const every = /^@every (.+)$/.exec(text)?.[1]
  if (every !== undefined) {
    const ms = [...every.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce(
      (sum, [, count, unit = '']) => sum + Number(count) * (unitMs.get(unit) ?? 0),
      0,
    )
    // Nothing runs more often than once a second.
    return ms > 0 ? { kind: 'every', ms: Math.max(1_000, Math.floor(ms / 1_000) * 1_000) } : undefined
  }
  const [minute, hour, day, month, weekday, ...rest] = (descriptors.get(text) ?? text)
    .split(/\s+/)
    .filter((it) => it !== '')
  if (weekday === undefined || rest.length > 0) return undefined
  return {
    kind: 'clock',
    minutes: numbersOf(minute, { min: 0, max: 59 }),
    hours: numbersOf(hour, { min: 0, max: 23 }),
    days: numbersOf(day, { min: 1, max: 31 }),
    months: numbersOf(month, { min: 1, max: 12, names: monthNames }),
    weekdays: numbersOf(weekday, { min: 0, max: 6, names: weekdayNames }),
    needsBothDays: isAny(day) || isAny(weekday),
  }
}

function isAny(field: string | undefined): boolean {
  return field === undefined || /^[*?]/.test(field)
}

type Range = { readonly min: number; readonly max: number; readonly names?: readonly string[] }

function numbersOf(field = '*', { min, max, names = [] }: Range): ReadonlySet<number> {
  const numberOf = (text: string): number => {
    const index = names.indexOf(text.toLowerCase())
    return index >= 0 && text !== '' ? index : Number(text)
  }
  const found = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/')
    const [low = '', high] = range.split('-')
    const start = isAny(low) ? min : numberOf(low)
    const openEnd = step === undefined && !isAny(low) ? start : max
    const end = high === undefined ? openEnd : numberOf(high)
    for (let it = start; it <= end; it += Math.max(1, Number(step ?? 1))) found.add(it)
  }
  return found
}

/**
 * The first time of a schedule after `afterMs`, in milliseconds since the epoch; `undefined` when there is none.
 *
 * @param timeZone whose clock counts; UTC when absent
 */
export function nextTime(schedule: CronSchedule, afterMs: number, timeZone?: string): number | undefined {
  if (schedule.kind === 'every') return afterMs + schedule.ms
  const end = afterMs + longestSearchMs
  let at = Math.floor(afterMs / minuteMs) * minuteMs + minuteMs
  while (at < end) {
    const { month, day, weekday, hour, minute } = wallTime(at, timeZone)
    const inMonth = schedule.days.has(day)
    const inWeek = schedule.weekdays.has(weekday)
    const isDay = schedule.needsBothDays ? inMonth && inWeek : inMonth || inWeek
    if (!schedule.months.has(month) || !isDay) at += dayMs - hour * hourMs - minute * minuteMs
    else if (!schedule.hours.has(hour)) at += hourMs - minute * minuteMs
    else if (!schedule.minutes.has(minute)) at += minuteMs
    else return at
  }
  return undefined
}

type WallTime = {
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

function wallTime(ms: number, timeZone: string | undefined): WallTime {
  const offset = timeZone === undefined ? 0 : offsetMs(ms, timeZone)
  const date = new Date(ms + offset)
  return {
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

/** How far the clock of a zone is ahead of UTC; 0 for a zone that is not known. */
function offsetMs(ms: number, timeZone: string): number {
  try {
    const text = new Date(ms).toLocaleString('sv-SE', { timeZone })
    return Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(ms / 1_000) * 1_000
  } catch (error) {
    if (error instanceof RangeError) return 0
    throw error
  }
}
