import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { civilFromDays, daysFromCivil } from './calendar.ts'
import {
  formatDuration,
  parseDuration,
  parseDurationMs,
  roundDuration,
  truncateDuration,
} from './duration.ts'
import { formatTime, rfc3339, rfc3339Nano, timeString } from './format-time.ts'
import { GoTime, timeFromMs } from './go-time.ts'
import { parseTime } from './parse-time.ts'
import { fixedZone, loadZone, utcZone } from './zone.ts'

function round(text: string, to: string): string {
  return formatDuration(roundDuration(parseDuration(text), parseDuration(to)))
}

describe('durations', () => {
  test.for<[text: string, want: string]>([
    ['1h30m', '1h30m0s'],
    ['-1.5s', '-1.5s'],
    ['100ms', '100ms'],
    ['1.001µs', '1.001µs'],
    ['.5h', '30m0s'],
    ['9223372036854775807ns', '2562047h47m16.854775807s'],
    ['-9223372036854775808ns', '-2562047h47m16.854775808s'],
  ])('%s is printed as %s', ([text, want]) => {
    expect(formatDuration(parseDuration(text))).toBe(want)
  })

  test.for([
    ['', 'time: invalid duration ""'],
    ['1', 'time: missing unit in duration "1"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['é', String.raw`time: invalid duration "\xc3\xa9"`],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['1'.repeat(100_000), 'time: missing unit'],
  ])('%s is rejected', ([text = '', message]) => {
    expect(() => parseDuration(text)).toThrow(message)
  })

  test('rounding is away from zero at halves, truncating toward it', () => {
    expect([round('90s', '1m'), round('-90s', '1m'), round('89s', '1m'), round('1h', '0s')]).toEqual([
      '2m0s',
      '-2m0s',
      '1m0s',
      '1h0m0s',
    ])
    expect(truncateDuration(-90n, 60n)).toBe(-60n)
    expect(parseDurationMs('1.5s')).toBe(1_500)
  })

  test('what was printed reads back the same', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (it) => {
        expect(parseDuration(formatDuration(it))).toBe(it)
      }),
      { seed: 1 },
    )
  })
})

describe('times', () => {
  const time = parseTime(rfc3339Nano, '2023-03-05T04:07:09.120Z')

  test.for([
    ['Mon Jan _2 15:04:05.000 2006', 'Sun Mar  5 04:07:09.120 2023'],
    ['Monday, 02-Jan-06 3:04PM MST', 'Sunday, 05-Mar-23 4:07AM UTC'],
    ['002 __2 _2006 January1 05.99', '064  64 _2023 March3 09.12'],
    ['Z07:00 -0700 -07:00:00', 'Z +0000 +00:00:00'],
    ['Janus Monde', 'Janus Monde'],
  ])('%s', ([layout = '', want]) => {
    expect(formatTime(time, layout)).toBe(want)
  })

  test.for([
    ['America/New_York', '2023-03-04 23:07:09.12 -0500 EST'],
    ['Asia/Kolkata', '2023-03-05 09:37:09.12 +0530 IST'],
    ['Australia/Lord_Howe', '2023-03-05 15:07:09.12 +1100 +11'],
    ['Etc/GMT+1', '2023-03-05 03:07:09.12 -0100 -01'],
  ])('in %s', ([zone = '', want]) => {
    expect(timeString(time.in(loadZone(zone)))).toBe(want)
  })

  test.for([
    ['Nope/Zone', 'unknown time zone Nope/Zone'],
    ['../etc/passwd', 'time: invalid location name'],
    ['europe/paris', 'unknown time zone europe/paris'],
  ])('%s is no zone', ([zone = '', message]) => {
    expect(() => loadZone(zone)).toThrow(message)
  })

  test.for([
    ['2006-01-02', '2023-2-30', 'parsing time "2023-2-30" as "2006-01-02": cannot parse "2-30" as "01"'],
    ['2006-01-02', '2023-02-30', 'parsing time "2023-02-30": day out of range'],
    ['15:04', '24:00', 'parsing time "24:00": hour out of range'],
    ['2006', '20230', 'parsing time "20230": extra text: "0"'],
    ['2006 002', '2023 366', 'parsing time "2023 366": day-of-year out of range'],
    ['-0700', '+2500', 'parsing time "+2500": time zone offset hour out of range'],
  ])('%s does not read %s', ([layout = '', value = '', message]) => {
    expect(() => parseTime(layout, value)).toThrow(message)
  })

  test.for([
    ['2006-01-02 15:04:05', '2023-07-01 12:00:00.5', '2023-07-01T12:00:00.5-04:00'],
    ['2006-01-02 15:04 MST', '2023-07-01 12:00 EST', '2023-07-01T13:00:00-04:00'],
    ['2006-01-02 15:04 MST', '2023-07-01 12:00 GMT+3', '2023-07-01T15:00:00+03:00'],
    ['2006-01-02 15:04 -0700', '2023-07-01 12:00 +0100', '2023-07-01T12:00:00+01:00'],
    ['2006-002', '2024-060', '2024-02-29T00:00:00-05:00'],
    ['2006-01-02 15:04', '2023-03-12 02:30', '2023-03-12T01:30:00-05:00'],
  ])('%s reads %s in New York', ([layout = '', value = '', want]) => {
    expect(formatTime(parseTime(layout, value, loadZone('America/New_York')), rfc3339Nano)).toBe(want)
  })

  test('adding, subtracting and milliseconds', () => {
    const base = timeFromMs(-1)
    expect(formatTime(base, rfc3339Nano)).toBe('1969-12-31T23:59:59.999Z')
    expect(formatTime(base.add(-1_000_000_000n), rfc3339Nano)).toBe('1969-12-31T23:59:58.999Z')
    expect(base.add(1_000_000n).since(base)).toBe(1_000_000n)
    expect(formatTime(new GoTime(0, 0, fixedZone('', 19_800)), '-0700 MST')).toBe('+0530 +0530')
  })

  test('the calendar agrees with the host and with itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4_000_000, max: 4_000_000 }), (days) => {
        const { year, month, day } = civilFromDays(days)
        expect(daysFromCivil(year, month, day)).toBe(days)
        const host = new Date(days * 86_400_000)
        expect([year, month, day]).toEqual([host.getUTCFullYear(), host.getUTCMonth() + 1, host.getUTCDate()])
      }),
      { seed: 1 },
    )
  })

  test('what was printed reads back the same', () => {
    const instant = fc.tuple(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), fc.nat(999_999_999))
    fc.assert(
      fc.property(instant, ([seconds, nanoseconds]) => {
        const read = parseTime(rfc3339, formatTime(new GoTime(seconds, nanoseconds), rfc3339Nano))
        expect([read.seconds, read.nanoseconds, read.zone]).toEqual([seconds, nanoseconds, utcZone])
      }),
      { seed: 1 },
    )
  })
})
