import type { WatchCache } from '@sluice/cluster'
import { fakeClock } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { isSyncedInTime } from './synced-in-time.ts'

const { signal } = new AbortController()
const cacheThat = (synced: () => Promise<void>) => ({ synced }) as unknown as WatchCache

test('a cache that is never filled is not waited for', async () => {
  const clock = fakeClock()
  const asked = isSyncedInTime(
    cacheThat(() => new Promise(() => {})),
    clock,
    signal,
  )
  await clock.advance(10_000)
  expect(await asked).toBe(false)
  expect(clock.sleeping).toBe(0)
})

test('a cache that is filled is not waited for either', async () => {
  const clock = fakeClock()
  expect(
    await isSyncedInTime(
      cacheThat(() => Promise.resolve()),
      clock,
      signal,
    ),
  ).toBe(true)
  expect(clock.sleeping).toBe(0)
})
