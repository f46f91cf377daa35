import { serveEndpoints } from '@sluice/runtime'
import { expect, test } from 'vitest'

test('probes and metrics are served where they are wanted', async () => {
  let isReady = false
  const manager = { isReady: () => isReady, metrics: async () => 'gotk 1\n' }
  const health = await serveEndpoints(manager, { host: '127.0.0.1', port: 0, serve: ['health'] })
  const metrics = await serveEndpoints(manager, { host: '127.0.0.1', port: 0, serve: ['metrics'] })
  expect(await get(health.port, '/healthz')).toBe('200 ok')
  expect(await get(health.port, '/readyz?verbose')).toBe('503 caches are not filled yet')
  isReady = true
  expect(await get(health.port, '/readyz')).toBe('200 ok')
  expect(await get(health.port, '/metrics')).toBe('404 404 page not found')
  expect(await get(metrics.port, '/metrics')).toBe('200 gotk 1')
  await Promise.all([health.close(), metrics.close()])
})

async function get(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return `${response.status} ${(await response.text()).trim()}`
}
