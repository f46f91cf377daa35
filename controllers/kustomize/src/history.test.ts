import { expect, test } from 'vitest'
import { recordSnapshot } from './history.ts'

const run = (digest: string, status: string, second: number) => ({
  digest,
  lastReconciled: `2026-01-01T00:00:0${second}Z`,
  lastReconciledDuration: '1s',
  lastReconciledStatus: status,
})

test('counts the same outcome of the same build, newest first', () => {
  let history = recordSnapshot([], run('a', 'Failed', 1))
  history = recordSnapshot(history, run('a', 'Succeeded', 2))
  history = recordSnapshot(history, run('a', 'Failed', 3))
  expect(history).toEqual([
    { ...run('a', 'Failed', 3), firstReconciled: '2026-01-01T00:00:01Z', totalReconciliations: 2 },
    { ...run('a', 'Succeeded', 2), firstReconciled: '2026-01-01T00:00:02Z', totalReconciliations: 1 },
  ])
})

test('keeps five', () => {
  let history = recordSnapshot([], run('0', 'Succeeded', 0))
  for (let at = 1; at < 8; at++) history = recordSnapshot(history, run(String(at), 'Succeeded', at))
  expect(history.map(({ digest }) => digest)).toEqual(['7', '6', '5', '4', '3'])
})
