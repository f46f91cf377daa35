import { createApiServer, inProcessTransport, memoryStorage } from '@sluice/apiserver'
import { type ApiRequest, type Cluster, createCluster, type Transport } from '@sluice/cluster'
import { systemClock, systemRandom } from '@sluice/host'
import { kustomizationController } from '@sluice/kustomize-controller'
import { type JsonObject, type KubeObject, memoryFileTree, silentLogger } from '@sluice/ports'
import { createManager } from '@sluice/runtime'
import {
  customResourceDefinitions,
  gitRepositoryDefinition,
  type Kustomization,
  kustomizationDefinition,
  resourceOf,
} from '@sluice/toolkit'

/** An embedded API server with the kustomize controller, and one source whose files are given. */
export type Bed = AsyncDisposable & {
  readonly cluster: Cluster
  /** Requests since the beginning, watches included, by method and path pattern. */
  readonly requests: ReadonlyMap<string, number>
  /** Makes these files the source's revision `number`. */
  publish(files: ReadonlyMap<string, string>, number: number): Promise<string>
  /** Creates Kustomizations `app-0` … with the path `./app-N` and waits for their caches. */
  createKustomizations(count: number, spec?: JsonObject): Promise<void>
  /** Waits until all have applied the revision. */
  allReady(revision: string): Promise<void>
}

const namespace = 'bench'
const sources = resourceOf(gitRepositoryDefinition)
const kustomizations = resourceOf(kustomizationDefinition)
const write = (signal: AbortSignal) => ({ signal, fieldManager: 'bench' })

export async function kustomizationBed(): Promise<Bed> {
  const stop = new AbortController()
  const { signal } = stop
  const server = await createApiServer({ storage: memoryStorage() })
  const cluster = createCluster(inProcessTransport(server))
  const requests = new Map<string, number>()
  await prepareCluster(cluster, signal)

  const trees = new Map<string, ReturnType<typeof memoryFileTree>>()
  const manager = createManager({
    cluster: createCluster(counting(inProcessTransport(server), requests)),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    identity: 'bench',
  })
  manager.add(
    kustomizationController({
      caches: manager.caches,
      clock: systemClock,
      fetcher: {
        fetchTree: async ({ digest }) => trees.get(digest) ?? memoryFileTree(new Map()),
        fetchBytes: async () => new Uint8Array(),
      },
      http: { request: () => Promise.reject(new TypeError('no network')) },
      sourceKinds: [sources],
    }),
  )
  const running = manager.run(signal)

  return {
    cluster,
    requests,
    publish: async (files, number) => {
      const digest = `sha256:${number.toString(16).padStart(64, '0')}`
      trees.set(digest, memoryFileTree(files))
      const revision = `main@sha1:${number.toString(16).padStart(40, '0')}`
      await setArtifact(cluster, { digest, revision }, signal)
      return revision
    },
    createKustomizations: async (count, spec = {}) => {
      for (let at = 0; at < count; at++) {
        // One after the other, as `kubectl apply` does.
        await cluster.create(kustomizations, kustomization(`app-${at}`, spec), write(signal))
      }
    },
    allReady: (revision) => allReady(cluster, revision, signal),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running.catch(() => {})
      await server.close()
    },
  }
}

async function prepareCluster(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const crds = await cluster.resourceFor('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { signal })
  for (const crd of customResourceDefinitions()) await cluster.create(crds, crd, write(signal))
  const namespaces = await cluster.resourceFor('v1', 'Namespace', { signal })
  await cluster.create(
    namespaces,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    write(signal),
  )
  await cluster.create(
    sources,
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'app', namespace },
      spec: { url: 'https://git.invalid/app', interval: '10m' },
    },
    write(signal),
  )
}

function kustomization(name: string, spec: JsonObject): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval: '10m',
      path: `./${name}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'app' },
      ...spec,
    },
  }
}

async function setArtifact(
  cluster: Cluster,
  artifact: { readonly digest: string; readonly revision: string },
  signal: AbortSignal,
): Promise<void> {
  const now = new Date().toISOString()
  const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'stored' }
  await cluster.patch(
    sources,
    { namespace, name: 'app' },
    {
      ...write(signal),
      subresource: 'status',
      patch: {
        kind: 'merge',
        body: {
          status: {
            observedGeneration: 1,
            artifact: {
              ...artifact,
              path: 'app.tar.gz',
              url: 'http://localhost/app.tar.gz',
              lastUpdateTime: now,
            },
            conditions: [{ ...ready, lastTransitionTime: now, observedGeneration: 1 }],
          },
        },
      },
    },
  )
}

async function allReady(cluster: Cluster, revision: string, signal: AbortSignal): Promise<void> {
  const { items, resourceVersion } = await cluster.list<Kustomization>(kustomizations, { signal })
  const waiting = new Set(
    items.filter((item) => !isReady(item, revision)).map(({ metadata }) => metadata.name),
  )
  if (waiting.size === 0) return
  for await (const { object } of cluster.watch<Kustomization>(kustomizations, { resourceVersion, signal })) {
    if (isReady(object, revision)) waiting.delete(object.metadata.name)
    else if (object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'False')) {
      throw new TypeError(`${object.metadata.name} failed: ${JSON.stringify(object.status.conditions)}`)
    }
    if (waiting.size === 0) return
  }
}

function isReady({ status }: Kustomization, revision: string): boolean {
  return (
    status?.lastAppliedRevision === revision &&
    status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true
  )
}

/** The transport, with its requests counted. */
function counting(transport: Transport, counts: Map<string, number>): Transport {
  const count = ({ method, path, query }: ApiRequest, what: string) => {
    const dryRun = query?.['dryRun'] ? ' dry run' : ''
    const name = `${what}${method} ${kindOf(path)}${dryRun}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return {
    request: (request, options) => {
      count(request, '')
      return transport.request(request, options)
    },
    watch: (request, options) => {
      count(request, 'watch ')
      return transport.watch(request, options)
    },
  }
}

/** The kind of resource in a path, such as `configmaps` or `kustomizations/status`. */
function kindOf(path: string): string {
  const parts = path.replace(/^\/(api|apis\/[^/]+)\/[^/]+\//, '').split('/')
  const rest = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  return rest.length > 2 ? `${rest[0]}/${rest[2]}` : (rest[0] ?? '')
}
