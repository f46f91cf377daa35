import { expect, test } from 'vitest'
import { campaign } from '../src/chaos/helm/kills.ts'

// The long form is `npm run chaos -- helm`.
test('a release whose controller dies ends as an undisturbed one does', { timeout: 120_000 }, async () => {
  const lines: string[] = []
  const result = await campaign({ kills: 15, seed: 20_261, log: (line) => lines.push(line) })
  expect(lines).toEqual([])
  expect(result).toEqual({ passed: 15, failed: 0 })
})
