import { createApiServer, inProcessTransport, memoryStorage } from '@sluice/apiserver'
import { type Chart, loadChartDirectory, type Release } from '@sluice/chart'
import {
  type CacheSet,
  type Cluster,
  createCacheSet,
  createCluster,
  isApiError,
  type Transport,
} from '@sluice/cluster'
import {
  type ReleaseBehaviour,
  type ReleaseClient,
  type ReleaseTarget,
  releaseClients,
} from '@sluice/helm-controller'
import { hostCompression as compression, nodeCrypto, systemClock, systemRandom } from '@sluice/host'
import { type Clock, type KubeObject, memoryFileTree, silentLogger } from '@sluice/ports'
import { parseJsonGo, parseYamlDocuments } from '@sluice/yaml'

/** An embedded API server with clients for releases. */
export type ReleaseLab = AsyncDisposable & {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly caches: CacheSet
  readonly clock: Clock
  /** The client of a release, as a controller process has it. */
  client(options?: ClientOptions): ReleaseClient
  create(yaml: string): Promise<void>
  /** The object, or nothing. */
  find(apiVersion: string, kind: string, name: string): Promise<KubeObject | undefined>
  /** The server's address and an administrator's kubeconfig for it. */
  listen(): Promise<string>
}

export type ClientOptions = {
  readonly name?: string
  readonly target?: Partial<ReleaseTarget>
  readonly behaviour?: Partial<ReleaseBehaviour>
  /** What the client reaches the server through, past all caches. */
  readonly through?: (transport: Transport) => Transport
}

/** Where the lab's releases are. */
export const releaseNamespace = 'lab'
/** How many times faster than ours the clock of the clients runs. */
const haste = 100

export async function startReleaseLab(): Promise<ReleaseLab> {
  const stop = new AbortController()
  const { signal } = stop
  const write = { signal, fieldManager: 'lab' }
  const server = await createApiServer({ storage: memoryStorage() })
  const clock = hastyClock()
  const cluster = createCluster(inProcessTransport(server))
  const caches = createCacheSet({ cluster, clock, random: systemRandom, log: silentLogger, signal })
  const ports = { clock, random: systemRandom, crypto: nodeCrypto }
  const clientFor = releaseClients({ clock, ports, caches })
  const create = async (yaml: string): Promise<void> => {
    for (const { value } of parseYamlDocuments(yaml)) {
      const object = value as KubeObject
      // In the order of the text: a namespace comes before what is in it.
      const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
      await cluster.create(resource, object, write)
    }
  }
  await create(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${releaseNamespace}}`)
  return {
    cluster,
    signal,
    caches,
    clock,
    create,
    client: ({ name = 'app', target, behaviour, through } = {}) => {
      const reached = through ? createCluster(through(inProcessTransport(server))) : caches.cluster
      const place = {
        cluster: reached,
        name,
        namespace: releaseNamespace,
        storageNamespace: releaseNamespace,
      }
      return clientFor({ ...place, ...target }, { ...defaultBehaviour(name), ...behaviour })
    },
    find: async (apiVersion, kind, name) => {
      const resource = await cluster.resourceFor(apiVersion, kind, { signal })
      const key = resource.namespaced ? { namespace: releaseNamespace, name } : { name }
      try {
        return await cluster.get(resource, key, { signal })
      } catch (error) {
        if (isApiError(error, 'NotFound')) return undefined
        throw error
      }
    },
    listen: async () => {
      const { url } = await server.listen({ port: 0 })
      return server.adminKubeconfig(url)
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await caches.closed()
      await server.close()
    },
  }
}

function defaultBehaviour(name: string): ReleaseBehaviour {
  const labels = {
    'helm.toolkit.fluxcd.io/name': name,
    'helm.toolkit.fluxcd.io/namespace': releaseNamespace,
  }
  return {
    postRender: {
      strategy: 'combined',
      transform: (objects) =>
        objects.map((it) => ({
          ...it,
          metadata: { ...it.metadata, labels: { ...it.metadata.labels, ...labels } },
        })),
    },
    originLabels: labels,
    maxHistory: 5,
    waitStrategy: 'poller',
    observe: () => {},
  }
}

/** A chart of these templates. */
export function labChart(templates: Readonly<Record<string, string>>, version = '0.1.0'): Chart {
  const files = Object.entries(templates).map(([path, text]) => [
    path.includes('/') ? path : `templates/${path}`,
    text,
  ])
  const tree = memoryFileTree([
    ['Chart.yaml', `apiVersion: v2\nname: app\nversion: ${version}\nappVersion: "1"\n`],
    ...(files as [string, string][]),
  ])
  return loadChartDirectory(tree, '', { compression })
}

/** Values as a user gives them. */
export function labValues(values: object = {}): Map<string, null> {
  return parseJsonGo(JSON.stringify(values)) as Map<string, null>
}

/** Revisions and statuses in short: `1 superseded, 2 deployed`. */
export function historyText(history: readonly Release[]): string {
  return history.map((it) => `${it.revision} ${it.info.status}`).join(', ')
}

function hastyClock(): Clock {
  const start = systemClock.now()
  return {
    now: () => start + (systemClock.now() - start) * haste,
    sleep: (ms, signal) => systemClock.sleep(ms / haste, signal),
  }
}
