import { expect, test } from 'vitest'
import { campaign } from './kills.ts'

test('a kill in any step of a fetch leaves the old artifact or the new one', {
  timeout: 180_000,
}, async () => {
  const lines: string[] = []
  const result = await campaign({ kills: 5, seed: 5, log: (line) => lines.push(line) })
  expect({ ...result, lines: lines.length }).toEqual({ passed: 5, failed: 0, lines: 1 })
})
