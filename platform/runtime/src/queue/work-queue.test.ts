import { fakeClock } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { createWorkQueue } from './work-queue.ts'

function setup() {
  const clock = fakeClock()
  const queue = createWorkQueue({ clock, minRetryDelayMs: 750, maxRetryDelayMs: 900_000 })
  return { clock, queue }
}

describe('a work queue', () => {
  test('hands out each waiting key once, in order', async () => {
    const { queue } = setup()
    for (const key of ['a', 'b', 'a']) queue.add(key)
    expect([await queue.take(), await queue.take(), queue.depth]).toEqual(['a', 'b', 0])
  })

  test('keeps a key that is added while it is worked on until that is done', async () => {
    const { queue } = setup()
    queue.add('a')
    await queue.take()
    queue.add('a')
    queue.add('a')
    expect(queue.depth).toBe(0)
    queue.done('a')
    expect([queue.depth, await queue.take()]).toEqual([1, 'a'])
  })

  test('wakes a waiting taker', async () => {
    const { queue } = setup()
    const taken = queue.take()
    queue.add('a')
    expect(await taken).toBe('a')
  })

  test('adds delayed keys when they are due, the earlier first', async () => {
    const { clock, queue } = setup()
    queue.addAfter('late', 5_000)
    queue.addAfter('early', 1_000)
    await clock.advance(999)
    expect(queue.depth).toBe(0)
    await clock.advance(1)
    expect(await queue.take()).toBe('early')
    await clock.advance(4_000)
    expect(await queue.take()).toBe('late')
  })

  test('a key waits for the earliest time alone', async () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 10_000)
    queue.addAfter('a', 1_000)
    queue.addAfter('a', 5_000)
    await clock.advance(1_000)
    queue.done((await queue.take()) ?? '')
    await clock.advance(60_000)
    expect(queue.depth).toBe(0)
  })

  test('what runs now needs no alarm: neither one from before, nor one that is set before it has run', async () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 1_000)
    queue.add('a')
    queue.addAfter('a', 1_000)
    const key = (await queue.take()) ?? ''
    queue.add('a')
    queue.addAfter('a', 1_000)
    queue.done(key)
    queue.done((await queue.take()) ?? '')
    await clock.advance(60_000)
    expect(queue.depth).toBe(0)
  })

  test('a dropped key has no alarm', async () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 1_000)
    queue.drop('a')
    await clock.advance(1_000)
    expect(queue.depth).toBe(0)
  })

  test('doubles the pause of a failing key up to the longest, until it is forgotten', () => {
    const { queue } = setup()
    const pauses = Array.from({ length: 13 }, () => queue.addRateLimited('a'))
    expect(pauses.slice(0, 4)).toEqual([750, 1_500, 3_000, 6_000])
    expect(pauses.at(-1)).toBe(900_000)
    queue.forget('a')
    expect(queue.addRateLimited('a')).toBe(750)
  })

  test('reaches alarms beyond the longest sleep', async () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 10 * 3_600_000)
    await clock.advance(10 * 3_600_000 - 1)
    expect(queue.depth).toBe(0)
    await clock.advance(1)
    expect(queue.depth).toBe(1)
  })

  test('lets takers go when closed', async () => {
    const { clock, queue } = setup()
    const taken = queue.take()
    queue.addAfter('a', 1_000)
    queue.close()
    expect([await taken, await queue.take(), clock.sleeping]).toEqual([undefined, undefined, 0])
  })
})
