import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type ArtifactStore,
  artifactHandler,
  createArtifactFetcher,
  createArtifactStore,
} from '@sluice/artifact'
import { type Cluster, createCluster, type Resource } from '@sluice/cluster'
import { createHttp, createTempDirectory } from '@sluice/host'
import type { Condition, FileTree, Http, KubeObject } from '@sluice/ports'
import { fakeClock, recordingLogger, seededRandom } from '@sluice/ports/testing'
import { createManager, type Reconciler } from '@sluice/runtime'
import type { SourceStatus } from '@sluice/toolkit'
import { memoryServer } from '../../../platform/cluster/test/memory-transport.ts'

/** A source controller at work on an API server in memory, with a real artifact store and server. */
export type SourceHarness = {
  readonly apply: (object: {
    kind: string
    name: string
    spec: object
    annotations?: Record<string, string>
    metadata?: object
    /** Of an object that no controller of the test looks after. */
    status?: object
  }) => void
  readonly secret: (name: string, data: Readonly<Record<string, string>>, type?: string) => void
  readonly account: (name: string) => void
  readonly remove: (kind: string, name: string) => void
  /** The object as the controllers see it. */
  readonly find: (kind: string, name: string) => KubeObject | undefined
  readonly status: (kind: string, name: string) => SourceStatus
  readonly conditions: (kind: string, name: string) => readonly string[]
  readonly exists: (kind: string, name: string) => boolean
  readonly finalizers: (kind: string, name: string) => readonly string[]
  readonly ready: (kind: string, name: string) => Condition | undefined
  /** Waits until `check` holds, letting `advanceMs` of time pass with each look. */
  readonly until: (check: () => boolean, advanceMs?: number) => Promise<void>
  /** Waits for Ready to be anything but Unknown for the current generation and request. */
  readonly settled: (kind: string, name: string) => Promise<void>
  readonly events: () => Promise<readonly string[]>
  readonly fetch: (kind: string, name: string) => Promise<FileTree>
  readonly store: ArtifactStore
  readonly storeDirectory: string
  readonly advance: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

export const sourceGroup = 'source.toolkit.fluxcd.io/v1'
export const namespace = 'apps'

const plurals: Readonly<Record<string, string>> = {
  GitRepository: 'gitrepositories',
  OCIRepository: 'ocirepositories',
  HelmRepository: 'helmrepositories',
  HelmChart: 'helmcharts',
  Bucket: 'buckets',
  ExternalArtifact: 'externalartifacts',
  ArtifactGenerator: 'artifactgenerators',
}

const groupOf = (kind: string): string =>
  kind === 'ArtifactGenerator' ? 'source.extensions.fluxcd.io/v1beta1' : sourceGroup

const resourceOf = (kind: string): Resource => {
  const [group = '', version = ''] = groupOf(kind).split('/')
  return { group, version, kind, plural: plurals[kind] ?? '', namespaced: true }
}

type Deps = { readonly cluster: Cluster; readonly store: ArtifactStore; readonly http: Http }

export async function startSources(
  controllers: (deps: Deps) => readonly Reconciler<never>[],
): Promise<SourceHarness> {
  const stop = new AbortController()
  const { signal } = stop
  const temp = await createTempDirectory('sources-')
  const files = createServer(artifactHandler(temp.path))
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  const clock = fakeClock(Date.UTC(2026, 0, 1))
  const http = createHttp()
  const store = createArtifactStore({
    directory: temp.path,
    advertisedAddress: `127.0.0.1:${(files.address() as AddressInfo).port}`,
    clock,
  })
  const server = memoryServer([
    ...Object.entries(plurals).map(([kind, name]) => ({ groupVersion: groupOf(kind), kind, name })),
    { groupVersion: 'v1', kind: 'Event', name: 'events' },
    { groupVersion: 'v1', kind: 'Secret', name: 'secrets' },
    { groupVersion: 'v1', kind: 'ServiceAccount', name: 'serviceaccounts' },
  ])
  const cluster = createCluster(server.transport)
  const manager = createManager({
    cluster,
    clock,
    random: seededRandom(1),
    log: recordingLogger(),
    identity: 'test',
  })
  for (const reconciler of controllers({ cluster, store, http })) {
    manager.add(reconciler as unknown as Reconciler)
  }
  const finished = manager.run(signal)
  const applied = new Map<string, KubeObject>()
  const collection = (kind: string): string => `/apis/${groupOf(kind)}/${plurals[kind]}`
  const find = (kind: string, name: string): KubeObject | undefined =>
    manager.caches.cache(resourceOf(kind)).get({ namespace, name })
  const status = (kind: string, name: string): SourceStatus => {
    const found = find(kind, name)?.['status']
    return found === undefined ? {} : (found as SourceStatus)
  }
  const ready = (kind: string, name: string): Condition | undefined =>
    status(kind, name).conditions?.find(({ type }) => type === 'Ready')

  async function until(check: () => boolean, advanceMs = 0): Promise<void> {
    for (let turn = 0; !check(); turn += 1) {
      if (turn > 2000) throw new Error('it never became so')
      await clock.advance(advanceMs)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await clock.advance(0)
  }

  return {
    apply: ({ kind, name, spec, annotations = {}, metadata = {}, status: given }) => {
      const before = find(kind, name)
      const stored = server.put(collection(kind), {
        apiVersion: groupOf(kind),
        kind,
        metadata: { ...before?.metadata, namespace, name, annotations, ...metadata },
        spec,
        status: given ?? before?.['status'] ?? { observedGeneration: -1 },
      })
      applied.set(`${kind}/${name}`, stored)
    },
    secret: (name, data, type = 'Opaque') => {
      server.put('/api/v1/secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name },
        type,
        data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
      })
    },
    account: (name) => {
      const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } }
      server.put('/api/v1/serviceaccounts', object)
    },
    remove: (kind, name) => server.remove(collection(kind), namespace, name),
    find,
    status,
    finalizers: (kind, name) => find(kind, name)?.metadata.finalizers ?? [],
    exists: (kind, name) => find(kind, name) !== undefined,
    ready,
    conditions: (kind, name) =>
      (status(kind, name).conditions ?? []).map(
        (it) => `${it.type}=${it.status} ${it.reason}: ${it.message}`,
      ),
    until,
    settled: (kind, name) =>
      until(() => {
        const metadata = applied.get(`${kind}/${name}`)?.metadata
        const condition = ready(kind, name)
        return (
          condition !== undefined &&
          condition.status !== 'Unknown' &&
          condition.observedGeneration === metadata?.generation &&
          metadata?.annotations?.['reconcile.fluxcd.io/requestedAt'] ===
            status(kind, name).lastHandledReconcileAt
        )
      }),
    events: async () => {
      const { body } = await server.transport.request({ method: 'GET', path: '/api/v1/events' }, { signal })
      return (body as { items: KubeObject[] }).items.map(
        (it) => `${String(it['type'])} ${String(it['reason'])}: ${String(it['message'])}`,
      )
    },
    fetch: async (kind, name) => {
      const { artifact } = status(kind, name)
      if (!artifact) throw new Error(`${name} has no artifact`)
      return createArtifactFetcher({ http }).fetchTree(artifact, { signal })
    },
    store,
    storeDirectory: temp.path,
    advance: (ms) => clock.advance(ms),
    close: async () => {
      stop.abort()
      await finished
      await http.close()
      files.closeAllConnections()
      files.close()
      await temp[Symbol.asyncDispose]()
    },
  }
}
