import { createApiServer, inProcessTransport, memoryStorage } from '@sluice/apiserver'
import {
  type Cluster,
  createCluster,
  isApiError,
  type ObjectKey,
  type RemoteClusters,
  type Resource,
  type Transport,
} from '@sluice/cluster'
import { systemRandom } from '@sluice/host'
import { type KustomizeOptions, kustomizationController } from '@sluice/kustomize-controller'
import {
  type Clock,
  type FileTree,
  type JsonObject,
  type KubeObject,
  type Logger,
  memoryFileTree,
  silentLogger,
} from '@sluice/ports'
import { createManager } from '@sluice/runtime'
import {
  bucketDefinition,
  customResourceDefinitions,
  externalArtifactDefinition,
  gitRepositoryDefinition,
  helmReleaseDefinition,
  type Kustomization,
  kustomizationDefinition,
  ociRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { parseYamlDocuments } from '@sluice/yaml'
import { hastyClock } from './hasty-clock.ts'
import { mortalTransport } from './mortal-transport.ts'

/** How a controller of the lab is run. */
export type ControllerOptions = {
  /** What the controller reaches the API server through. */
  readonly through?: (transport: Transport) => Transport
  readonly options?: KustomizeOptions
  /** What time it is to the controller; by default a clock that runs many times too fast. */
  readonly clock?: Clock
  /** Reaches other clusters. */
  readonly connect?: RemoteClusters
  readonly log?: Logger
}

export type PublishOptions = {
  /** The source's kind. Default: GitRepository. */
  readonly kind?: string
  /** Metadata of the artifact. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** An embedded API server with one source, for tests of the kustomize controller. */
export type Lab = AsyncDisposable & {
  /** The administrator's access. */
  readonly cluster: Cluster
  readonly signal: AbortSignal
  /** Starts a controller process; the returned function ends it at once. */
  startController(options?: ControllerOptions): () => Promise<void>
  /** Makes these files the next revision of the source, or of another one called `app`. Returns the revision. */
  publish(files: Readonly<Record<string, string>>, options?: PublishOptions): Promise<string>
  /** Creates what the YAML describes. */
  create(yaml: string): Promise<void>
  /** Every object of a kind, in the order of namespaces and names. */
  list(apiVersion: string, kind: string): Promise<readonly KubeObject[]>
  /** Waits until the Kustomization is as `wanted` says. */
  until(name: string, wanted: (object: Kustomization) => boolean): Promise<Kustomization>
  /** Waits until the revision is applied and Ready. */
  applied(name: string, revision: string): Promise<Kustomization>
  /** Deletes the Kustomization and waits until it is gone. */
  remove(name: string): Promise<void>
}

/** Where the lab's source and Kustomizations are. */
export const labNamespace = 'lab'

const sourceKinds = [
  gitRepositoryDefinition,
  ociRepositoryDefinition,
  bucketDefinition,
  externalArtifactDefinition,
].map(resourceOf)
const sources = resourceOf(gitRepositoryDefinition)
const kustomizations = resourceOf(kustomizationDefinition)

export async function startLab(): Promise<Lab> {
  const stop = new AbortController()
  const { signal } = stop
  const write = { signal, fieldManager: 'lab' }
  const server = await createApiServer({ storage: memoryStorage() })
  const cluster = createCluster(inProcessTransport(server))
  const trees = new Map<string, FileTree>()
  const running = new Set<() => Promise<void>>()

  const create = async (yaml: string) => {
    for (const { value } of parseYamlDocuments(yaml)) {
      const object = value as KubeObject
      // In the order of the text: a namespace comes before what is in it.
      const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
      await cluster.create(resource, object, write)
    }
  }
  const until = (name: string, wanted: (object: Kustomization) => boolean) =>
    waitUntil(cluster, { namespace: labNamespace, name }, { wanted, signal })

  const crds = await cluster.resourceFor('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { signal })
  for (const crd of customResourceDefinitions()) await cluster.create(crds, crd, write)
  await create(initialObjects)

  return {
    cluster,
    signal,
    create,
    until,
    startController: ({ through = (it: Transport) => it, ...options } = {}) => {
      const controller = new AbortController()
      const transport = through(mortalTransport(inProcessTransport(server), controller.signal))
      const finished = runController({ transport, trees, options, signal: controller.signal })
      const end = async () => {
        controller.abort(new Error('the process was killed'))
        running.delete(end)
        await finished
      }
      running.add(end)
      return end
    },
    publish: async (files, { kind = 'GitRepository', metadata } = {}) => {
      const number = trees.size + 1
      const digest = `sha256:${number.toString(16).padStart(64, '0')}`
      trees.set(digest, memoryFileTree(new Map(Object.entries(files))))
      const revision = `main@sha1:${number.toString(16).padStart(40, '0')}`
      const resource = sourceKinds.find((it) => it.kind === kind) ?? sources
      await setArtifact(cluster, { digest, revision, ...(metadata && { metadata }) }, { resource, signal })
      return revision
    },
    list: async (apiVersion, kind) => {
      const resource = await cluster.resourceFor(apiVersion, kind, { signal })
      return (await cluster.list(resource, { signal })).items
    },
    applied: (name, revision) =>
      until(name, ({ status, metadata }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')
        const isObserved = status?.observedGeneration === metadata.generation
        return status?.lastAppliedRevision === revision && ready?.status === 'True' && isObserved
      }),
    remove: async (name) => {
      await cluster.delete(kustomizations, { namespace: labNamespace, name }, { signal })
      await waitUntilGone(cluster, name, signal)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running].map((end) => end()))
      stop.abort()
      await server.close()
    },
  }
}

const initialObjects = `apiVersion: v1
kind: Namespace
metadata: {name: ${labNamespace}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: app, namespace: ${labNamespace}}
spec: {url: https://git.invalid/app, interval: 1h}
`

function runController({
  transport,
  trees,
  signal,
  options: { options = {}, connect, clock = hastyClock(), log = silentLogger },
}: {
  readonly transport: Transport
  readonly trees: ReadonlyMap<string, FileTree>
  readonly options: Omit<ControllerOptions, 'through'>
  readonly signal: AbortSignal
}): Promise<void> {
  const manager = createManager({
    cluster: createCluster(transport),
    clock,
    random: systemRandom,
    log,
    identity: 'lab',
    gracePeriodMs: 0,
  })
  manager.add(
    kustomizationController({
      caches: manager.caches,
      clock,
      fetcher: {
        fetchTree: async ({ digest }) => trees.get(digest) ?? memoryFileTree(new Map()),
        fetchBytes: async () => new Uint8Array(),
      },
      http: { request: () => Promise.reject(new TypeError('the lab has no network')) },
      sourceKinds,
      dependencyKinds: [sources, resourceOf(helmReleaseDefinition)],
      options,
      ...(connect && { connect }),
    }),
  )
  return manager.run(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

async function setArtifact(
  cluster: Cluster,
  artifact: JsonObject,
  { resource, signal }: { readonly resource: Resource; readonly signal: AbortSignal },
): Promise<void> {
  const now = '2026-01-01T00:00:00Z'
  const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'stored' }
  await cluster.patch(
    resource,
    { namespace: labNamespace, name: 'app' },
    {
      signal,
      fieldManager: 'lab',
      subresource: 'status',
      patch: {
        kind: 'merge',
        body: {
          status: {
            observedGeneration: 1,
            artifact: { ...artifact, path: 'app.tar.gz', url: 'http://lab/app.tar.gz', lastUpdateTime: now },
            conditions: [{ ...ready, lastTransitionTime: now, observedGeneration: 1 }],
          },
        },
      },
    },
  )
}

async function waitUntil(
  cluster: Cluster,
  { namespace, name }: ObjectKey,
  { wanted, signal }: { readonly wanted: (object: Kustomization) => boolean; readonly signal: AbortSignal },
): Promise<Kustomization> {
  const scope = { namespace: namespace ?? '', fieldSelector: `metadata.name=${name}`, signal }
  const { items, resourceVersion } = await cluster.list<Kustomization>(kustomizations, scope)
  const [now] = items
  if (now && wanted(now)) return now
  for await (const { object } of cluster.watch<Kustomization>(kustomizations, {
    ...scope,
    resourceVersion,
  })) {
    if (wanted(object)) return object
  }
  throw new TypeError('the watch ended')
}

async function waitUntilGone(cluster: Cluster, name: string, signal: AbortSignal): Promise<void> {
  const key = { namespace: labNamespace, name }
  const scope = { namespace: labNamespace, fieldSelector: `metadata.name=${name}`, signal }
  const { resourceVersion } = await cluster.list(kustomizations, { ...scope })
  try {
    await cluster.get(kustomizations, key, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return
    throw error
  }
  for await (const { type } of cluster.watch(kustomizations, { ...scope, resourceVersion })) {
    if (type === 'DELETED') return
  }
}
