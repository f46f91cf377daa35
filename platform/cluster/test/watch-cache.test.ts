import { ApiError, createCacheSet, createCluster, type Resource } from '@sluice/cluster'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryServer } from './memory-transport.ts'

const resource: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
const collection = '/api/v1/configmaps'
let stop = new AbortController()
afterEach(() => stop.abort())

function setup() {
  stop = new AbortController()
  const server = memoryServer([{ groupVersion: 'v1', kind: 'ConfigMap', name: 'configmaps' }])
  const clock = fakeClock()
  const caches = createCacheSet({
    cluster: createCluster(server.transport),
    clock,
    random: seededRandom(1),
    log: silentLogger,
    signal: stop.signal,
  })
  return { server, clock, caches, cluster: caches.cluster, signal: stop.signal }
}

function configMap(name: string, color = 'red', namespace = 'a'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { color } }
}

function colors(objects: readonly KubeObject[]): string[] {
  return objects.map((it) => `${it.metadata.name}=${(it['data'] as { color: string }).color}`).toSorted()
}

const write = { fieldManager: 'test' }

describe('a watch cache', () => {
  test('lists in pages, then follows changes', async () => {
    const { server, caches, clock, signal } = setup()
    for (let n = 0; n < 1_200; n += 1) server.put(collection, configMap(`m${n}`))
    const cache = caches.cache(resource)
    await cache.synced(signal)
    expect(cache.size).toBe(1_200)
    expect(server.requests.filter((it) => it.includes('limit'))).toHaveLength(3)

    server.put(collection, configMap('m0', 'blue'))
    server.put(collection, configMap('new', 'green', 'b'))
    server.remove(collection, 'a', 'm1')
    await clock.advance(0)
    expect(cache.get({ namespace: 'a', name: 'm0' })).toMatchObject({ data: { color: 'blue' } })
    expect(colors(cache.list('b'))).toEqual(['new=green'])
    expect(cache.get({ namespace: 'a', name: 'm1' })).toBeUndefined()
  })

  test('serves every caller from one watch', async () => {
    const { server, caches, signal } = setup()
    const cache = caches.cache(resource)
    expect(caches.cache(resource)).toBe(cache)
    expect(caches.cache(resource, { namespace: 'a' })).not.toBe(cache)
    await cache.synced(signal)
    expect(server.requests.filter((it) => it.startsWith('GET /api/v1/configmaps?limit'))).toHaveLength(1)
  })

  test('resumes an ended watch where it stopped, without listing again', async () => {
    const { server, caches, clock, signal } = setup()
    const cache = caches.cache(resource)
    await cache.synced(signal)
    await clock.advance(5_000)
    server.endWatches()
    server.put(collection, configMap('x'))
    await clock.advance(5_000)
    expect(colors(cache.list())).toEqual(['x=red'])
    expect(server.requests.filter((it) => it.includes('limit'))).toHaveLength(1)
  })

  test('lists again when its version is too old, and drops what is gone', async () => {
    const { server, caches, clock, signal } = setup()
    server.put(collection, configMap('gone'))
    const cache = caches.cache(resource)
    await cache.synced(signal)
    await clock.advance(5_000)
    const changes: string[] = []
    cache.subscribe(({ before, after }) => changes.push(`${before?.metadata.name}>${after?.metadata.name}`))
    server.endWatches()
    server.remove(collection, 'a', 'gone')
    server.put(collection, configMap('new'))
    server.forgetHistory()
    await clock.advance(5_000)
    expect(colors(cache.list())).toEqual(['new=red'])
    expect(changes.toSorted()).toEqual(['gone>undefined', 'undefined>new'])
  })

  test('backs off when the server refuses', async () => {
    const { server, caches, clock } = setup()
    server.fail(/limit/, new ApiError({ code: 503, reason: 'ServiceUnavailable' }), 4)
    const cache = caches.cache(resource)
    let isSynced = false
    const synced = cache.synced(stop.signal).then(() => {
      isSynced = true
    })
    await clock.advance(2_000)
    expect(isSynced).toBe(false)
    await clock.advance(20_000)
    await synced
    expect(server.requests.filter((it) => it.includes('limit'))).toHaveLength(5)
  })

  test('is empty as long as its resource is not served', async () => {
    const { server, caches, clock, signal } = setup()
    server.put(collection, configMap('x'))
    server.fail(/limit/, new ApiError({ code: 404, reason: 'NotFound' }), 3)
    const cache = caches.cache(resource)
    await cache.synced(signal)
    expect(cache.size).toBe(0)
    await clock.advance(30_000)
    expect(cache.size).toBe(1)
  })

  test('ends its watch when aborted', async () => {
    const { caches, signal } = setup()
    await caches.cache(resource).synced(signal)
    stop.abort()
    await expect(caches.closed()).resolves.toBeUndefined()
  })
})

describe('own writes', () => {
  test('are read at once, and no older event undoes them', async () => {
    const { server, caches, cluster, clock, signal } = setup()
    const cache = caches.cache(resource)
    await cache.synced(signal)
    server.put(collection, configMap('x', 'old'))
    await cluster.patch(
      resource,
      { namespace: 'a', name: 'x' },
      { ...write, signal, patch: { kind: 'merge', body: { data: { color: 'new' } } } },
    )
    expect(colors(cache.list())).toEqual(['x=new'])
    const seen: string[] = []
    cache.subscribe(({ after }) => seen.push(...(after ? colors([after]) : ['gone'])))
    await clock.advance(0)
    expect(colors(cache.list())).toEqual(['x=new'])
    expect(seen).toEqual([])
  })

  test('of an object that is deleted meanwhile do not bring it back', async () => {
    const { server, caches, cluster, clock, signal } = setup()
    const cache = caches.cache(resource)
    await cache.synced(signal)
    const created = await cluster.create(resource, configMap('x'), { ...write, signal })
    await clock.advance(0)
    server.remove(collection, 'a', 'x')
    await clock.advance(0)
    server.put(collection, configMap('other'))
    await clock.advance(0)
    expect(cache.size).toBe(1)
    expect(created.metadata.name).toBe('x')
  })

  test('that take the last finalizer away remove the object', async () => {
    const { server, caches, cluster, clock, signal } = setup()
    const cache = caches.cache(resource)
    await cache.synced(signal)
    const key = { namespace: 'a', name: 'x' }
    server.put(collection, { ...configMap('x'), metadata: { ...key, finalizers: ['f'] } })
    server.remove(collection, 'a', 'x')
    await clock.advance(0)
    expect(cache.size).toBe(1)
    await cluster.patch(resource, key, {
      ...write,
      signal,
      patch: { kind: 'merge', body: { metadata: { finalizers: null } } },
    })
    expect(cache.size).toBe(0)
    await clock.advance(0)
    expect(cache.size).toBe(0)
  })

  test('in a dry run stay out', async () => {
    const { caches, cluster, signal } = setup()
    const cache = caches.cache(resource)
    await cache.synced(signal)
    await cluster.create(resource, configMap('x'), { ...write, signal, dryRun: true })
    expect(cache.size).toBe(0)
  })
})

test('an index follows the objects', async () => {
  const { server, caches, clock, signal } = setup()
  server.put(collection, configMap('x', 'red'))
  const cache = caches.cache(resource)
  await cache.synced(signal)
  cache.addIndex('color', (object) => [(object['data'] as { color: string }).color])
  server.put(collection, configMap('y', 'red'))
  await clock.advance(0)
  expect(colors(cache.byIndex('color', 'red'))).toEqual(['x=red', 'y=red'])
  server.put(collection, configMap('x', 'blue'))
  server.remove(collection, 'a', 'y')
  await clock.advance(0)
  expect(cache.byIndex('color', 'red')).toEqual([])
  expect(colors(cache.byIndex('color', 'blue'))).toEqual(['x=blue'])
})

describe('discovery', () => {
  test('is remembered, and asked again for what is unknown', async () => {
    const { server, cluster, signal } = setup()
    expect(await cluster.resourceFor('v1', 'ConfigMap', { signal })).toEqual(resource)
    expect(await cluster.resourceFor('v1', 'ConfigMap', { signal })).toEqual(resource)
    expect(server.requests).toEqual(['GET /api/v1'])
    await expect(cluster.resourceFor('v1', 'Widget', { signal })).rejects.toMatchObject({
      reason: 'NoKindMatch',
      message: 'no matches for kind "Widget" in version "v1"',
    })
    await expect(cluster.resourceFor('example.com/v1', 'Widget', { signal })).rejects.toMatchObject({
      reason: 'NoKindMatch',
    })
    expect(server.requests).toHaveLength(3)
  })
})
