import { expect, test } from 'vitest'
import { apiserverCampaign } from './apiserver.ts'

test('every acknowledged write survives fifteen kills, and no other appears', {
  timeout: 180_000,
}, async () => {
  const lines: string[] = []
  const result = await apiserverCampaign({ kills: 15, seed: 7, log: (line) => lines.push(line) })
  expect({ ...result, lines: lines.length }).toEqual({ passed: 15, failed: 0, lines: 1 })
})
