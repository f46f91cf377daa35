import { expect, test } from 'vitest'
import { campaigns } from '../src/chaos/registry.ts'

// The long form is `npm run chaos`.
test.each([
  { name: 'kustomization', kills: 15 },
  { name: 'kustomization-faults', kills: 5 },
])('$name ends as an undisturbed run does', { timeout: 240_000 }, async ({ name, kills }) => {
  const run = await campaigns[name]?.()
  const lines: string[] = []
  const result = await run?.({ kills, seed: 20_261, log: (line) => lines.push(line) })
  expect(lines).toEqual([])
  expect(result).toEqual({ passed: kills, failed: 0 })
})
