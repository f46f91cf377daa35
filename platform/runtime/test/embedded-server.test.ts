import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import {
  applyStaged,
  type Cluster,
  connectionFor,
  createCluster,
  httpTransport,
  nodeSurroundings,
  parseKubeConfig,
  type Resource,
} from '@sluice/cluster'
import { createHttp, systemClock, systemRandom } from '@sluice/host'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { createManager, type Reconciler } from '@sluice/runtime'
import {
  customResourceDefinitions,
  decodeGitRepository,
  type GitRepository,
  gitRepositoryDefinition,
  kindDefinitions,
  resourceOf,
} from '@sluice/toolkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let server: Awaited<ReturnType<typeof createApiServer>>
let cluster: Cluster
const { signal } = new AbortController()
const gitRepositories = resourceOf(gitRepositoryDefinition)
const write = { signal, fieldManager: 'kubectl-create' }

beforeAll(async () => {
  server = await createApiServer()
  cluster = createCluster(inProcessTransport(server))
  const options = { cluster, clock: systemClock, signal, fieldManager: 'flux' }
  await applyStaged(customResourceDefinitions(), options)
})
afterAll(() => server.close())

test.for(kindDefinitions.map((it) => [it.kind, it] as const))(
  '%s is served in all its versions',
  async ([, it]) => {
    const found = await Promise.all(
      it.versions.map(({ name }) => cluster.resourceFor(`${it.group}/${name}`, it.kind, { signal })),
    )
    expect(found.map((resource) => resource.version)).toEqual(it.versions.map(({ name }) => name))
  },
)

test('an old version keeps its fields and is read as the new one', async () => {
  const old: Resource = { ...gitRepositories, version: 'v1beta1' }
  const object = gitRepository('old', { gitImplementation: 'libgit2' }, 'v1beta1')
  await cluster.create(old, object, write)
  const read = await cluster.get<GitRepository>(gitRepositories, key('old'), { signal })
  expect(read).toMatchObject({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    spec: { url: 'https://example.com/x', timeout: '60s', gitImplementation: 'libgit2' },
    status: { observedGeneration: -1 },
  })
})

test.for([
  [{ url: 'ftp://x' }, "spec.url in body should match '^(http|https|ssh)://.*$'"],
  [{ interval: '1d' }, 'spec.interval in body should match'],
  [{ serviceAccountName: 'x' }, "serviceAccountName can only be set when provider is 'azure' or 'aws'"],
] as const)('%j is refused: %s', async ([spec, message]) => {
  const creating = cluster.create(gitRepositories, gitRepository('bad', spec), write)
  await expect(creating).rejects.toThrow(message)
})

describe('a reconciled object', () => {
  test.for(['in-process', 'https'] as const)(
    'has the managers, finalizers and conditions that Flux leaves, %s',
    async (name) => {
      const reached = await reach(name)
      const stop = new AbortController()
      const manager = createManager({
        cluster: reached.cluster,
        clock: systemClock,
        random: systemRandom,
        log: silentLogger,
        identity: 'test',
      })
      manager.add(reconciler)
      const running = manager.run(stop.signal)
      const ready = readyObject(manager.caches.cluster, name)
      await cluster.create(gitRepositories, gitRepository(name), write)
      const object = await ready
      stop.abort()
      await running
      await reached.close()

      expect(object).toMatchObject({
        metadata: { generation: 1, finalizers: ['finalizers.fluxcd.io'] },
        status: { observedGeneration: 1, conditions: [{ type: 'Ready' }, { type: 'ArtifactInStorage' }] },
      })
      const own = object.metadata.managedFields?.filter((it) => it.manager === 'source-controller')
      expect(
        own?.map(({ operation, subresource, fieldsV1 }) => ({ operation, subresource, fieldsV1 })),
      ).toEqual([
        {
          operation: 'Update',
          subresource: undefined,
          fieldsV1: { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"finalizers.fluxcd.io"': {} } } },
        },
        {
          operation: 'Update',
          subresource: 'status',
          fieldsV1: { 'f:status': { 'f:conditions': {}, 'f:observedGeneration': {} } },
        },
      ])
      const events = await cluster.list(
        { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
        { signal, namespace: 'default' },
      )
      expect(events.items.filter((it) => it.metadata.name?.startsWith(`${name}.`))).toMatchObject([
        { reason: 'NewArtifact', message: 'stored', involvedObject: { kind: 'GitRepository', name } },
      ])
    },
  )
})

/** The server, as controllers of its own process and of others reach it. */
async function reach(
  how: 'in-process' | 'https',
): Promise<{ readonly cluster: Cluster; readonly close: () => Promise<void> }> {
  if (how === 'in-process') return { cluster, close: async () => {} }
  const http = createHttp()
  const { url } = await server.listen({ port: 0 })
  const connection = await connectionFor(parseKubeConfig(server.adminKubeconfig(url)), {
    clock: systemClock,
    surroundings: nodeSurroundings({ env: {}, homeDirectory: '/nowhere' }),
    trusted: true,
  })
  const transport = httpTransport(connection, { http, clock: systemClock })
  return { cluster: createCluster(transport), close: () => http.close() }
}

test('a shard has its own objects only', async () => {
  const stop = new AbortController()
  const manager = createManager({
    cluster,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    identity: 'test',
    watchLabelSelector: 'sharding.fluxcd.io/key=one',
  })
  manager.add(reconciler)
  const running = manager.run(stop.signal)
  await cluster.create(gitRepositories, gitRepository('unsharded'), write)
  const sharded = gitRepository('sharded')
  const labels = { 'sharding.fluxcd.io/key': 'one' }
  const ready = readyObject(cluster, 'sharded')
  await cluster.create(gitRepositories, { ...sharded, metadata: { ...sharded.metadata, labels } }, write)
  await ready
  const other = await cluster.get(gitRepositories, key('unsharded'), { signal })
  expect(other.metadata.finalizers).toBeUndefined()
  stop.abort()
  await running
})

const reconciler: Reconciler<GitRepository> = {
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
  reconcile: async (run) => {
    const { conditions } = run
    conditions.progress('Progressing', 'building artifact')
    await run.saveStatus()
    conditions.markTrue('ArtifactInStorage', 'Succeeded', 'stored artifact')
    run.event({ type: 'Normal', reason: 'NewArtifact', message: 'stored' })
    return { kind: 'done', requeueAfter: 60_000 }
  },
}

/** The object as it is when it has become ready. */
async function readyObject(from: Cluster, name: string): Promise<GitRepository> {
  const { resourceVersion } = await from.list(gitRepositories, { signal })
  for await (const { object } of from.watch<GitRepository>(gitRepositories, { signal, resourceVersion })) {
    const ready = object.status?.conditions?.find((it) => it.type === 'Ready')
    if (object.metadata.name === name && ready?.status === 'True') return object
  }
  throw new Error('the watch ended')
}

function key(name: string): { readonly namespace: string; readonly name: string } {
  return { namespace: 'default', name }
}

function gitRepository(name: string, spec: object = {}, version = 'v1'): KubeObject {
  return {
    apiVersion: `source.toolkit.fluxcd.io/${version}`,
    kind: 'GitRepository',
    metadata: key(name),
    spec: { url: 'https://example.com/x', interval: '1m', ...spec },
  }
}
