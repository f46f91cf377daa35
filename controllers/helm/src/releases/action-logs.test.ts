import { ApiError } from '@sluice/cluster'
import { fakeClock } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { actionLogs } from './action-logs.ts'

const start = Date.parse('2026-01-01T00:00:00.120Z')

test('lines are kept as they are shown with failures, the last ten of them', async () => {
  const clock = fakeClock(start)
  const logs = actionLogs(clock)
  logs.add({ level: 'debug', message: 'performing update', fields: { name: 'app' } })
  logs.add({
    level: 'warning',
    message: 'upgrade failed',
    fields: { name: 'app', error: new Error('secret') },
  })
  expect(logs.lines()).toEqual([
    '2026-01-01T00:00:00.12Z: performing update: {"name":"app"}',
    '2026-01-01T00:00:00.12Z: warning: upgrade failed: {"error":{},"name":"app"}',
  ])
  logs.add({
    level: 'debug',
    message: 'gone',
    fields: { error: new ApiError({ reason: 'NotFound', code: 404 }) },
  })
  expect(logs.lines().at(-1)).toContain(
    'gone: {"error":{"ErrStatus":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"NotFound","code":404}}}',
  )
  for (let number = 0; number < 10; number += 1) {
    logs.add({ level: 'debug', message: `line ${number}`, fields: {} })
  }
  expect(logs.lines()).toHaveLength(10)
  expect(logs.lines()[0]).toContain('line 0')
})

test.for([
  [1, ['2026-01-01T00:00:00.12Z: again: {}']],
  [2, ['2026-01-01T00:00:00.12Z: again: {}', '2026-01-01T00:00:01.12Z: again: {}']],
  [
    3,
    ['2026-01-01T00:00:00.12Z: again: {}', '2026-01-01T00:00:02.12Z: again: {} (1 duplicate line omitted)'],
  ],
  [
    4,
    ['2026-01-01T00:00:00.12Z: again: {}', '2026-01-01T00:00:03.12Z: again: {} (2 duplicate lines omitted)'],
  ],
] as const)('a line that comes %d times', async ([times, want]) => {
  const clock = fakeClock(start)
  const logs = actionLogs(clock)
  for (let number = 0; number < times; number += 1) {
    logs.add({ level: 'debug', message: 'again', fields: {} })
    await clock.advance(1_000)
  }
  expect(logs.lines()).toEqual(want)
})
