// What every controller stands on: watch caches, queue, reconcile loop, apply, and the client beside @kubernetes/client-node.
import { setMaxListeners } from 'node:events'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { type ApiServer, createApiServer, inProcessTransport } from '@sluice/apiserver'
import {
  applyStaged,
  type Cluster,
  connectionFor,
  createCacheSet,
  createCluster,
  httpTransport,
  nodeSurroundings,
  parseKubeConfig,
  type Resource,
} from '@sluice/cluster'
import { createHttp, systemClock, systemRandom } from '@sluice/host'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { createManager, createWorkQueue, type Manager, type Reconciler } from '@sluice/runtime'
import {
  customResourceDefinition,
  decodeGitRepository,
  type GitRepository,
  gitRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import type { Benchmark, Report } from '../benchmark.ts'

const objects = 10_000
const keys = 200_000
const gets = 1_000
const atOnce = 50
const configMaps: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
const gitRepositories = resourceOf(gitRepositoryDefinition)
const { signal } = new AbortController()
setMaxListeners(0, signal)
const write = { signal, fieldManager: 'bench' }

export const benchmark: Benchmark = async (report) => {
  await measureQueue(report)
  const server = await createApiServer()
  const cluster = createCluster(inProcessTransport(server))
  try {
    await measureCache(report, cluster)
    await measureApply(report, cluster)
    await measureLoop(report, cluster)
    await measureClients(report, server)
  } finally {
    await server.close()
  }
}

async function measureQueue(report: Report): Promise<void> {
  const queue = createWorkQueue({ clock: systemClock, minRetryDelayMs: 750, maxRetryDelayMs: 900_000 })
  const names = Array.from({ length: keys }, (_, n) => `namespace/object-${n}`)
  const started = performance.now()
  for (const name of names) queue.add(name)
  for (const name of names) queue.add(name)
  for (let taken = await queue.take(); taken !== undefined; taken = await queue.take()) {
    queue.addAfter(taken, 60_000 + Math.random() * 60_000)
    queue.done(taken)
    if (queue.depth === 0) break
  }
  const seconds = (performance.now() - started) / 1_000
  queue.close()
  report.figure('queue: keys added twice, taken, done and set to come back', keys / seconds, '1/s')
}

async function measureCache(report: Report, cluster: Cluster): Promise<void> {
  for (let n = 0; n < objects; n += 1) {
    // The server keeps them in the order of their making.
    await cluster.create(configMaps, configMap(`m${n}`, '0'), write)
  }
  const stop = new AbortController()
  const options = {
    cluster,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    signal: stop.signal,
  }
  const caches = createCacheSet(options)
  const started = performance.now()
  const cache = caches.cache(configMaps)
  await cache.synced(signal)
  report.goal(`watch cache: filled with ${cache.size} objects`, performance.now() - started, {
    unit: 'ms',
    atMost: 1_000,
  })
  cache.addIndex('value', (object) => [(object['data'] as { value: string }).value])

  const changed = performance.now()
  for (let n = 0; n < objects; n += 1) {
    // One writer, as a controller's worker is one.
    await caches.cluster.patch(
      configMaps,
      { namespace: 'default', name: `m${n}` },
      {
        ...write,
        patch: { kind: 'merge', body: { data: { value: '1' } } },
      },
    )
  }
  const tookMs = performance.now() - changed
  report.figure('watch cache: writes with one index, each read at once', objects / (tookMs / 1_000), '1/s')
  if (cache.byIndex('value', '1').length < objects) throw new Error('the cache lags behind')

  const read = performance.now()
  for (let n = 0; n < objects; n += 1) cache.get({ namespace: 'default', name: `m${n}` })
  report.figure('watch cache: a read', ((performance.now() - read) / objects) * 1_000_000, 'ns')
  stop.abort()
  await caches.closed()
}

async function measureApply(report: Report, cluster: Cluster): Promise<void> {
  const manifests = Array.from({ length: 1_000 }, (_, n) => configMap(`applied-${n}`, 'x'))
  const options = {
    cluster,
    clock: systemClock,
    signal,
    fieldManager: 'kustomize-controller',
    concurrency: 4,
  }
  const first = performance.now()
  await applyStaged(manifests, options)
  report.figure('apply: 1000 new ConfigMaps', performance.now() - first, 'ms')
  const again = performance.now()
  await applyStaged(manifests, options)
  report.figure('apply: the same, unchanged', performance.now() - again, 'ms')
}

async function measureLoop(report: Report, cluster: Cluster): Promise<void> {
  const crd = customResourceDefinition(gitRepositoryDefinition)
  await applyStaged([crd], { cluster, clock: systemClock, signal, fieldManager: 'flux' })
  for (let n = 0; n < objects; n += 1) await cluster.create(gitRepositories, gitRepository(`g${n}`), write)

  const before = process.memoryUsage().heapUsed
  const manager = createManager({
    cluster,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    identity: 'bench',
    concurrency: 10,
  })
  let runs = 0
  manager.add(
    reconcilerOf(() => {
      runs += 1
    }),
  )
  const stop = new AbortController()
  const started = performance.now()
  const running = manager.run(stop.signal)
  await settled(manager)
  const seconds = (performance.now() - started) / 1_000
  report.figure(`loop: ${objects} objects made ready (finalizer, status)`, objects / seconds, '1/s')
  await measureIdle(report, manager, () => runs)
  report.figure('loop: heap for them', (process.memoryUsage().heapUsed - before) / 1_048_576, 'MiB')
  stop.abort()
  await running
}

/** Runs that find nothing to do: the price of an interval. */
async function measureIdle(report: Report, manager: Manager, runs: () => number): Promise<void> {
  const target = runs() + objects
  const started = performance.now()
  for (let n = 0; n < objects; n += 1) {
    manager.enqueue(gitRepositories, { namespace: 'default', name: `g${n}` })
  }
  while (runs() < target) await systemClock.sleep(1)
  const tookMs = performance.now() - started
  report.goal('loop: a run that finds nothing to do', (tookMs / objects) * 1_000, { unit: 'us', atMost: 100 })
}

async function settled(manager: Manager): Promise<void> {
  const cache = manager.caches.cache<GitRepository>(gitRepositories)
  for (;;) {
    const ready = cache.list().filter((it) => it.status?.observedGeneration === 1)
    if (ready.length === objects) return
    await systemClock.sleep(5)
  }
}

async function measureClients(report: Report, server: ApiServer): Promise<void> {
  const { url } = await server.listen({ port: 0 })
  const text = server.adminKubeconfig(url)
  const http = createHttp()
  const surroundings = nodeSurroundings({ env: {}, homeDirectory: '/nowhere' })
  const connection = await connectionFor(parseKubeConfig(text), {
    clock: systemClock,
    surroundings,
    trusted: true,
  })
  const ours = createCluster(httpTransport(connection, { http, clock: systemClock }))
  const config = new KubeConfig()
  config.loadFromString(text)
  const theirs = config.makeApiClient(CoreV1Api)

  const key = { namespace: 'default', name: 'm0' }
  const oursPerSecond = await getsPerSecond(() => ours.get(configMaps, key, { signal }))
  const theirsPerSecond = await getsPerSecond(() => theirs.readNamespacedConfigMap(key))
  await http.close()
  report.figure(`HTTPS: GETs, ${atOnce} at once`, oursPerSecond, '1/s')
  report.figure('HTTPS: the same with @kubernetes/client-node', theirsPerSecond, '1/s')
  report.figure('HTTPS: ratio', oursPerSecond / theirsPerSecond, 'x')
}

async function getsPerSecond(get: () => Promise<unknown>): Promise<number> {
  await get()
  const started = performance.now()
  let left = gets
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      // A worker waits for its answer.
      await get()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return gets / ((performance.now() - started) / 1_000)
}

function reconcilerOf(onRun: () => void): Reconciler<GitRepository> {
  return {
    resource: gitRepositories,
    decode: decodeGitRepository,
    controller: 'source-controller',
    fieldManager: 'source-controller',
    finalizer: 'finalizers.fluxcd.io',
    conditions: {
      target: 'Ready',
      owned: ['Ready', 'Reconciling', 'ArtifactInStorage'],
      summarize: ['ArtifactInStorage', 'Reconciling'],
      negativePolarity: ['Reconciling'],
    },
    reconcile: async ({ conditions }) => {
      onRun()
      conditions.markTrue('ArtifactInStorage', 'Succeeded', 'stored artifact')
      return { kind: 'done', requeueAfter: 3_600_000 }
    },
  }
}

function configMap(name: string, value: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name }, data: { value } }
}

function gitRepository(name: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { namespace: 'default', name },
    spec: { url: 'https://example.com/x', interval: '1h' },
  }
}
