import { GoError } from '../error.ts'
import { quoteMeta } from '../regexp/regexp.ts'
import { zoneAbbreviations } from './generated/zone-abbreviations.ts'

/** What the clocks of a zone show at an instant. */
export type ZoneState = {
  /** Seconds east of UTC. */
  readonly offset: number
  /** Such as `CEST`; empty when there is none. */
  readonly abbreviation: string
}

/** A time zone. */
export interface TimeZone {
  readonly name: string
  /** @param seconds since the Unix epoch */
  at(seconds: number): ZoneState
  /** The offset that `abbreviation` means at about `seconds`, if it belongs to the zone. */
  offsetOf(abbreviation: string, seconds: number): number | undefined
}

export const utcZone: TimeZone = fixedZone('UTC', 0)

/** A zone that is always `offset` seconds east of UTC. */
export function fixedZone(name: string, offset: number): TimeZone {
  const state: ZoneState = { offset, abbreviation: name }
  return {
    name,
    at: () => state,
    offsetOf: (abbreviation) => (abbreviation === name && name !== '' ? offset : undefined),
  }
}

/**
 * The zone of an IANA name; offsets come from Intl, abbreviations from the time zone database. `''`, `UTC` and
 * `Local` are UTC: an engine knows no machine.
 *
 * Source: https://pkg.go.dev/time#LoadLocation
 * @throws {GoError} with Go's message for unknown names
 */
export function loadZone(name: string): TimeZone {
  if (name === '' || name === 'UTC' || name === 'Local') return utcZone
  if (name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')) {
    throw new GoError('time: invalid location name')
  }
  const periods = periodsOf(name)
  if (!periods) throw new GoError(`unknown time zone ${name}`)
  return intlZone(name, periods)
}

/** The abbreviations of one offset, with the Unix time from which each holds. */
type Periods = ReadonlyMap<number, readonly { readonly from: number; readonly abbreviation: string }[]>

function intlZone(name: string, periods: Periods): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  const at = (seconds: number): ZoneState => {
    const offset = offsetIn(format, seconds)
    const abbreviation = periods.get(offset)?.findLast(({ from }) => from <= seconds)?.abbreviation
    return { offset, abbreviation: abbreviation ?? '' }
  }
  return {
    name,
    at,
    offsetOf: (abbreviation, seconds) => {
      const offsets = [...periods].flatMap(([offset, list]) =>
        list.some((it) => it.abbreviation === abbreviation) ? [offset] : [],
      )
      // One that was in effect at that time is better than one that only bears the name.
      return offsets.find((offset) => at(seconds - offset).abbreviation === abbreviation) ?? offsets[0]
    },
  }
}

/** Seconds east of UTC: Intl says `GMT`, `GMT+05:30` or `GMT-00:44:30`. */
function offsetIn(format: Intl.DateTimeFormat, seconds: number): number {
  const name = format.formatToParts(seconds * 1_000).find((part) => part.type === 'timeZoneName')?.value ?? ''
  const match = /([+-])(\d+):(\d+)(?::(\d+))?$/.exec(name)
  if (!match) return 0
  const [, sign, hours, minutes, rest = '0'] = match
  const size = Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest)
  return sign === '-' ? -size : size
}

function periodsOf(name: string): Periods | undefined {
  // Names are delimited by a space, a bar or a line break on each side.
  if (!/^[A-Za-z0-9_/+-]+$/.test(name)) return undefined
  const line = new RegExp(`^(?:[^|\n]* )?${quoteMeta(name)}(?: [^|\n]*)?\\|(.*)$`, 'm')
  const text = line.exec(zoneAbbreviations)?.[1]
  return text === undefined ? undefined : new Map(text.split(' ').map(parseOffset))
}

function parseOffset(text: string): [number, { from: number; abbreviation: string }[]] {
  const [offset = '', names = ''] = text.split(/:(.*)/)
  const list = names.split(',').map((it) => {
    const [abbreviation = '', from] = it.split('@')
    return { abbreviation, from: from === undefined ? Number.NEGATIVE_INFINITY : Number(from) }
  })
  return [Number(offset), list]
}
