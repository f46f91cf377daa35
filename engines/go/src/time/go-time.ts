import { civilFromDays, daysFromCivil } from './calendar.ts'
import { type TimeZone, utcZone, type ZoneState } from './zone.ts'

const second = 1_000_000_000n

/** An instant in a zone, as Go's `time.Time`, to the nanosecond. */
export class GoTime {
  /** Since the Unix epoch, rounded down. */
  readonly seconds: number
  /** 0 to 999,999,999. */
  readonly nanoseconds: number
  readonly zone: TimeZone

  constructor(seconds: number, nanoseconds = 0, zone: TimeZone = utcZone) {
    this.seconds = seconds
    this.nanoseconds = nanoseconds
    this.zone = zone
  }

  /** The same instant in another zone. */
  in(zone: TimeZone): GoTime {
    return new GoTime(this.seconds, this.nanoseconds, zone)
  }

  /** @param duration in nanoseconds */
  add(duration: bigint): GoTime {
    const total = BigInt(this.nanoseconds) + duration
    const nanoseconds = ((total % second) + second) % second
    const seconds = (total - nanoseconds) / second
    return new GoTime(this.seconds + Number(seconds), Number(nanoseconds), this.zone)
  }

  /** Nanoseconds from `other` to this. */
  since(other: GoTime): bigint {
    return (
      BigInt(this.seconds - other.seconds) * 1_000_000_000n + BigInt(this.nanoseconds - other.nanoseconds)
    )
  }

  /** What clock and calendar of the zone show. */
  get civil(): CivilTime {
    const state = this.zone.at(this.seconds)
    const local = this.seconds + state.offset
    const days = Math.floor(local / 86_400)
    const secondOfDay = local - days * 86_400
    const { year, month, day } = civilFromDays(days)
    return {
      ...state,
      year,
      month,
      day,
      hour: Math.floor(secondOfDay / 3_600),
      minute: Math.floor((secondOfDay % 3_600) / 60),
      second: secondOfDay % 60,
      nanosecond: this.nanoseconds,
      weekday: (((days + 4) % 7) + 7) % 7,
      yearDay: days - daysFromCivil(year, 1, 1) + 1,
    }
  }
}

/** A time as clock and calendar show it: months and days count from 1, weekdays from Sunday as 0. */
export type CivilTime = ZoneState & {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly weekday: number
  readonly yearDay: number
}

/** A day and a time of day. */
export type CivilFields = Pick<
  CivilTime,
  'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond'
>

/**
 * The instant at which the zone's clocks show `fields`. In a gap or an overlap of daylight saving time it is the one
 * that Go chooses.
 *
 * Source: https://pkg.go.dev/time#Date
 */
export function timeFromCivil(fields: CivilFields, zone: TimeZone): GoTime {
  const { year, month, day, hour, minute, nanosecond } = fields
  const local = daysFromCivil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + fields.second
  const guess = zone.at(local).offset
  const { offset } = guess === 0 ? { offset: 0 } : zone.at(local - guess)
  return new GoTime(local - offset, nanosecond, zone)
}

/** @param milliseconds since the Unix epoch, as a Clock tells them */
export function timeFromMs(milliseconds: number, zone: TimeZone = utcZone): GoTime {
  const seconds = Math.floor(milliseconds / 1_000)
  return new GoTime(seconds, Math.round((milliseconds - seconds * 1_000) * 1e6), zone)
}
