import { createCacheSet, createCluster } from '@sluice/cluster'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { fakeClock, recordingLogger, seededRandom } from '@sluice/ports/testing'
import { createDriftWatches } from '@sluice/runtime'
import { labels } from '@sluice/toolkit'
import { afterEach, expect, test } from 'vitest'
import { memoryServer } from '../../cluster/test/memory-transport.ts'

const resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
const collection = '/api/v1/configmaps'
const key = { namespace: 'apps', name: 'x' }
let stop = new AbortController()
afterEach(() => stop.abort())

async function setup(maxKinds = 10) {
  stop = new AbortController()
  const { signal } = stop
  const server = memoryServer([{ groupVersion: 'v1', kind: 'ConfigMap', name: 'configmaps' }])
  const clock = fakeClock()
  const log = recordingLogger()
  const caches = createCacheSet({
    cluster: createCluster(server.transport),
    clock,
    random: seededRandom(1),
    log: silentLogger,
    signal,
  })
  const woken: string[] = []
  const watches = createDriftWatches({
    caches,
    clock,
    log,
    maxKinds,
    labelSelector: labels.kustomizationName,
    ownerOf: ({ metadata }) => {
      const name = metadata.labels?.[labels.kustomizationName]
      return name === undefined ? undefined : { namespace: 'flux-system', name }
    },
    enqueue: ({ namespace, name }) => woken.push(`${namespace}/${name}`),
  })
  server.put(collection, configMap('kustomize-controller'))
  watches.cover([resource, resource])
  await clock.advance(0)
  return { server, clock, caches, watches, woken, log, signal }
}

function configMap(manager: string, more: object = {}): KubeObject {
  const managedFields = [{ manager, operation: 'Apply' as const, fieldsV1: { 'f:data': {} } }]
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...key, labels: { [labels.kustomizationName]: 'apps' }, managedFields, ...more },
  }
}

test('a change by another wakes the owner at once', async () => {
  const { server, clock, woken } = await setup()
  server.put(collection, configMap('kubectl'))
  await clock.advance(0)
  expect(woken).toEqual(['flux-system/apps'])
})

test('a deletion by another wakes the owner, an own one does not', async () => {
  const { server, clock, woken, caches, signal } = await setup()
  server.remove(collection, key.namespace, key.name)
  await clock.advance(0)
  expect(woken).toEqual(['flux-system/apps'])
  server.put(collection, configMap('kustomize-controller'))
  await clock.advance(0)
  await caches.cluster.delete(resource, key, { signal })
  await clock.advance(0)
  expect(woken).toHaveLength(1)
})

test('own writes, status and times do not count', async () => {
  const { server, clock, woken, caches, signal } = await setup()
  const patch = { kind: 'merge' as const, body: { metadata: { managedFields: [] } } }
  await caches.cluster.patch(resource, key, { signal, fieldManager: 'm', patch })
  const entries = [
    { manager: 'a', operation: 'Update' as const, time: 'now', fieldsV1: {} },
    { manager: 'kcm', operation: 'Update' as const, subresource: 'status', fieldsV1: { 'f:status': {} } },
  ]
  await clock.advance(0)
  expect(woken).toEqual([])
  server.put(collection, configMap('m', { managedFields: [{ ...entries[0], time: 'then' }] }))
  await clock.advance(0)
  expect(woken).toHaveLength(1)
  server.put(collection, configMap('m', { managedFields: entries }))
  await clock.advance(0)
  expect(woken).toHaveLength(1)
})

test('two managers at odds are slowed down', async () => {
  const { server, clock, woken } = await setup()
  for (let round = 0; round < 20; round += 1) {
    server.put(collection, configMap(`m${round}`))
    await clock.advance(0)
  }
  expect(woken).toHaveLength(6)
  await clock.advance(10_000)
  server.put(collection, configMap('later'))
  await clock.advance(0)
  expect(woken).toHaveLength(7)
})

test('kinds beyond the limit are left to the interval, and that is said', async () => {
  const { watches, log } = await setup(1)
  const secrets = { ...resource, kind: 'Secret', plural: 'secrets' }
  watches.cover([secrets])
  watches.cover([secrets])
  expect(watches.kinds).toBe(1)
  expect(log.lines.map((it) => it.message)).toEqual(['drift of this kind is only corrected at the interval'])
})
