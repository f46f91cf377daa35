import { silentLogger } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { memoryRunsOut } from '../src/process/memory-watch.ts'

function watch(files: Readonly<Record<string, () => string>>) {
  const clock = fakeClock()
  const stop = new AbortController()
  const ended = memoryRunsOut(
    {
      maxPath: 'max',
      currentPath: 'current',
      threshold: 95,
      intervalMs: 500,
      clock,
      log: silentLogger,
      readText: async (path) => files[path]?.() ?? '',
    },
    stop.signal,
  )
  return { clock, stop, ended }
}

test('memory runs out at the given part of the limit', async () => {
  let current = 900
  const { clock, ended } = watch({ max: () => '1000\n', current: () => `${current}\n` })
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  for (let tick = 0; tick < 5; tick += 1) await clock.advance(500)
  expect(isOver).toBe(false)
  current = 950
  await clock.advance(500)
  expect(await ended).toBe(true)
})

test('without a limit nothing is watched', async () => {
  expect(await watch({ max: () => 'max\n' }).ended).toBe(false)
})

test('the watch ends with the process', async () => {
  const { stop, ended } = watch({ max: () => '1000', current: () => '1' })
  stop.abort()
  expect(await ended).toBe(false)
})
