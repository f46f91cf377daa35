import { expect, test } from 'vitest'
import { percentiles, textReport } from './benchmark.ts'

test('a goal says whether it was met', () => {
  const lines: string[] = []
  const report = textReport((line) => lines.push(line))
  report.goal('reads', 512.3, { unit: '/s', atLeast: 1_000 })
  expect(lines).toEqual(['reads: 512 /s', 'goal reads >= 1000 /s: missed'])
})

test('percentiles', () => {
  expect(percentiles([5, 1, 3, 2, 4])).toEqual({ p50: 3, p95: 5 })
})
