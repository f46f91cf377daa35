import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { tokenMetrics } from './token-metrics.ts'

test('questions for tokens are counted by object, until that is gone', async () => {
  const registry = new Registry()
  const metrics = tokenMetrics(registry)
  const key = { namespace: 'apps', name: 'demo' }
  metrics.asked(false, { kind: 'Bucket', ...key })
  metrics.asked(true, { kind: 'Bucket', ...key })
  const text = await registry.metrics()
  expect(text).toContain(series('cache_hit'))
  expect(text).toContain(series('cache_miss'))
  metrics.forget('Bucket', key)
  expect(await registry.metrics()).not.toContain('event_type=')
})

function series(type: string): string {
  return `gotk_token_cache_events_total{event_type="${type}",kind="Bucket",name="demo",namespace="apps",operation="reconcile"} 1`
}
