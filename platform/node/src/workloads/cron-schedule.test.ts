import { describe, expect, test } from 'vitest'
import { nextTime, parseCron } from './cron-schedule.ts'

describe('nextTime', () => {
  test.for([
    ['*/15 * * * *', '2026-03-01T10:07:30Z', '2026-03-01T10:15:00.000Z'],
    ['0 0 1 1 *', '2026-03-01T10:07:30Z', '2027-01-01T00:00:00.000Z'],
    ['30 6 * * mon-fri', '2026-03-06T07:00:00Z', '2026-03-09T06:30:00.000Z'],
    ['0 12 13 * fri', '2026-03-01T00:00:00Z', '2026-03-06T12:00:00.000Z'],
    ['5/20 3,4 * * *', '2026-03-01T03:26:00Z', '2026-03-01T03:45:00.000Z'],
    ['0 0 29 feb *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['@hourly', '2026-03-01T23:00:00Z', '2026-03-02T00:00:00.000Z'],
    ['@every 1h30m', '2026-03-01T00:00:00Z', '2026-03-01T01:30:00.000Z'],
    ['0 0 30 2 *', '2026-03-01T00:00:00Z', undefined],
  ] as const)('%s after %s is %s', ([text, after, want]) => {
    const schedule = parseCron(text)!
    const next = nextTime(schedule, Date.parse(after))
    expect(next === undefined ? undefined : new Date(next).toISOString()).toBe(want)
  })

  test('counts by the clock of a zone', () => {
    const next = nextTime(parseCron('0 9 * * *')!, Date.parse('2026-07-01T08:00:00Z'), 'America/New_York')
    expect(new Date(next!).toISOString()).toBe('2026-07-01T13:00:00.000Z')
  })
})
