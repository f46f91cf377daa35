import { fakeClock } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { type TokenCacheOptions, tokenCache } from './token-cache.ts'

const owner = { kind: 'OCIRepository', namespace: 'apps', name: 'demo' }

function setup(options: Omit<TokenCacheOptions, 'observer'> = {}) {
  const clock = fakeClock()
  const told: string[] = []
  const cache = tokenCache({
    ...options,
    clock,
    observer: {
      asked: (found, of) => told.push(`${of?.name} ${found ? 'hit' : 'miss'}`),
      requested: (succeeded) => told.push(succeeded ? 'success' : 'failure'),
      evicted: () => told.push('evicted'),
      held: (count) => told.push(`held ${count}`),
    },
  })
  const ask = (key: string, lifeMs = 3_600_000): Promise<unknown> =>
    cache.get(key, async () => ({ expiresAt: clock.now() + lifeMs }), owner)
  return { clock, cache, told, ask }
}

test('what happens is told, with the object that asks', async () => {
  const { cache, told, ask } = setup()
  await ask('a')
  await ask('a')
  await cache.get('b', () => Promise.reject(new Error('refused')), undefined).catch((error: unknown) => error)
  expect(told).toEqual([
    'demo miss',
    'held 1',
    'success',
    'demo hit',
    'undefined miss',
    'held 2',
    'failure',
    'held 1',
  ])
})

test('a token is used for the given time at most', async () => {
  const { clock, told, ask } = setup({ maxDurationMs: 60_000 })
  await ask('a')
  await clock.advance(61_000)
  await ask('a')
  expect(told.filter((it) => it === 'demo miss')).toHaveLength(2)
})

test.for([
  [2, ['evicted']],
  [0, ['evicted', 'evicted', 'evicted']],
] as const)('with room for %d, three tokens end as %j', async ([maxTokens, evictions]) => {
  const { told, ask } = setup({ maxTokens })
  for (const key of ['a', 'b', 'c']) await ask(key)
  expect(told.filter((it) => it === 'evicted')).toEqual(evictions)
})
