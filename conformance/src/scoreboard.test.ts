import { expect, test } from 'vitest'
import { type Result, scoreboard, surprises } from './scoreboard.ts'

const results: readonly Result[] = [
  { case: { name: 'a', features: ['x'], run: () => {} } },
  { case: { name: 'b', features: ['x', 'y'], run: () => {} }, failure: 'no' },
]

test('the scoreboard counts by feature, worst first', () => {
  expect(scoreboard(results)).toEqual(['x      1 / 2      1 failed', 'y      0 / 1      1 failed'])
})

test('a failure that is not named and a named one that passes are surprises', () => {
  expect(surprises(results, new Set(['a'])).newFailures.map((it) => it.case.name)).toEqual(['b'])
  expect(surprises(results, new Set(['a'])).newPasses.map((it) => it.case.name)).toEqual(['a'])
  expect(surprises(results, new Set(['b']))).toEqual({ newFailures: [], newPasses: [] })
})
