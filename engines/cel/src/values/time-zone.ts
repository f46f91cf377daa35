import type { Timestamp } from './time.ts'

/** Seconds east of UTC at a time, or what is wrong with the zone. */
export type ZoneOffset = { readonly seconds: number } | { readonly failure: string }

const integer = /^[+-]?\d+$/

/**
 * Resolves a time zone: a name of the IANA database or an offset such as `-08:00`.
 *
 * @param limitHours whether offsets of a day and more are refused
 */
export function zoneOffset(zone: string, at: Timestamp, limitHours: boolean): ZoneOffset {
  const colon = zone.indexOf(':')
  if (colon < 0) return namedOffset(zone, at)
  const hoursText = zone.slice(0, colon)
  const minutesText = zone.slice(colon + 1)
  for (const text of [hoursText, minutesText]) {
    if (!integer.test(text)) {
      return { failure: `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax` }
    }
  }
  const hours = Number(hoursText)
  const minutes = Number(minutesText)
  if (limitHours && Math.abs(hours) > 23) {
    return { failure: `timezone offset hours out of range [-23, 23]: ${zone}` }
  }
  if (limitHours && (minutes < 0 || minutes > 59)) {
    return { failure: `timezone offset minutes out of range [0, 59]: ${zone}` }
  }
  return { seconds: 60 * (zone.startsWith('-') ? hours * 60 - minutes : hours * 60 + minutes) }
}

function namedOffset(zone: string, at: Timestamp): ZoneOffset {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return { seconds: 0 }
  const unknown = { failure: `unknown time zone ${zone}` }
  if (!/^[A-Za-z][\w+\-/]*$/.test(zone)) return unknown
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (error) {
    if (error instanceof RangeError) return unknown
    throw error
  }
  const parts = new Map(
    format.formatToParts(at.seconds * 1000).map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  const local = new Date(0)
  local.setUTCFullYear(part('year'), part('month') - 1, part('day'))
  local.setUTCHours(part('hour'), part('minute'), part('second'))
  return { seconds: local.getTime() / 1000 - at.seconds }
}
