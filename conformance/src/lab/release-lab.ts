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
  rendererHere,
} from '@sluice/helm-controller'
import { hostCompression as compression, nodeCrypto, systemRandom } from '@sluice/host'
import { type Clock, type JsonObject, type KubeObject, memoryFileTree, silentLogger } from '@sluice/ports'
import { parseJsonGo, parseYamlDocuments } from '@sluice/yaml'
import { hastyClock } from './hasty-clock.ts'
import { mortalTransport } from './mortal-transport.ts'

/** An embedded API server with clients for releases. */
export type ReleaseLab = AsyncDisposable & {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly clock: Clock
  /** The client of a release in a process that lives as long as the lab. */
  client(options?: ClientOptions): ReleaseClient
  /** Another process with a cluster access of its own. */
  startProcess(options?: ProcessOptions): ReleaseProcess
  create(yaml: string): Promise<void>
  /** The object, or nothing. */
  find(apiVersion: string, kind: string, name: string): Promise<KubeObject | undefined>
  /** Sets the status of an object. */
  setStatus(object: KubeObject, status: JsonObject): Promise<void>
  /** Gives new objects of a kind the status that `act` has for them, as long as the lab is open. */
  play(apiVersion: string, kind: string, act: (object: KubeObject) => JsonObject | undefined): Promise<void>
  /** Serves on a port; an administrator's kubeconfig for it. */
  listen(): Promise<string>
}

export type ClientOptions = {
  readonly name?: string
  readonly target?: Partial<ReleaseTarget>
  readonly behaviour?: Partial<ReleaseBehaviour>
}

export type ProcessOptions = {
  /** What the process reaches the server through. */
  readonly through?: (transport: Transport) => Transport
}

/** A process with clients of releases. */
export type ReleaseProcess = {
  /** Aborted when the process has ended. */
  readonly signal: AbortSignal
  /** What the process reaches the server through. */
  readonly transport: Transport
  client(options?: ClientOptions): ReleaseClient
  /** Ends it at once: nothing that it began reaches the server any more. */
  kill(): void
}

/** Where the lab's releases are. */
export const releaseNamespace = 'lab'

export async function startReleaseLab(): Promise<ReleaseLab> {
  const stop = new AbortController()
  const { signal } = stop
  const server = await createApiServer({ storage: memoryStorage() })
  const clock = hastyClock()
  const cluster = createCluster(inProcessTransport(server))
  const closings: (() => Promise<void>)[] = []
  const startProcess = ({ through = (it: Transport) => it }: ProcessOptions = {}): ReleaseProcess => {
    const end = new AbortController()
    const life = AbortSignal.any([signal, end.signal])
    const transport = through(mortalTransport(inProcessTransport(server), life))
    const basis = { cluster: createCluster(transport), clock, random: systemRandom }
    const caches = createCacheSet({ ...basis, log: silentLogger, signal: life })
    closings.push(() => caches.closed())
    return {
      signal: life,
      transport,
      client: clientMaker(caches, clock),
      kill: () => end.abort(new Error('the process was killed')),
    }
  }
  const main = startProcess()
  const objects = labObjects(cluster, signal)
  await objects.create(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${releaseNamespace}}`)
  return {
    cluster,
    signal,
    clock,
    client: (options) => main.client(options),
    startProcess,
    ...objects,
    listen: async () => {
      const { url } = await server.listen({ port: 0 })
      return server.adminKubeconfig(url)
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await Promise.all(closings.map((closed) => closed()))
      await server.close()
    },
  }
}

function clientMaker(caches: CacheSet, clock: Clock): ReleaseProcess['client'] {
  const ports = { clock, random: systemRandom, crypto: nodeCrypto }
  const clientFor = releaseClients({ clock, render: rendererHere({ ports }), caches })
  return ({ name = 'app', target, behaviour } = {}) => {
    const place = { namespace: releaseNamespace, storageNamespace: releaseNamespace }
    const own = { cluster: caches.cluster, name, ...place }
    return clientFor({ ...own, ...target }, { ...defaultBehaviour(name), ...behaviour })
  }
}

function labObjects(
  cluster: Cluster,
  signal: AbortSignal,
): Pick<ReleaseLab, 'create' | 'find' | 'setStatus' | 'play'> {
  const write = { signal, fieldManager: 'lab' }
  const scope = { namespace: releaseNamespace, signal }
  const setStatus = async (object: KubeObject, status: JsonObject): Promise<void> => {
    const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
    const key = { namespace: releaseNamespace, name: object.metadata.name ?? '' }
    const patch = { kind: 'merge', body: { status } } as const
    try {
      await cluster.patch(resource, key, { ...write, subresource: 'status', patch })
    } catch (error) {
      // It may be gone by now.
      if (!isApiError(error, 'NotFound')) throw error
    }
  }
  return {
    setStatus,
    create: async (yaml) => {
      for (const { value } of parseYamlDocuments(yaml)) {
        const object = value as KubeObject
        // In the order of the text: a namespace comes before what is in it.
        const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
        await cluster.create(resource, object, write)
      }
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
    play: async (apiVersion, kind, act) => {
      const resource = await cluster.resourceFor(apiVersion, kind, { signal })
      const { items, resourceVersion } = await cluster.list(resource, scope)
      const answer = async (object: KubeObject): Promise<void> => {
        const status = act(object)
        if (status) await setStatus(object, status)
      }
      for (const object of items) await answer(object)
      try {
        for await (const { type, object } of cluster.watch(resource, { ...scope, resourceVersion })) {
          if (type === 'ADDED') await answer(object)
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

function defaultBehaviour(name: string): ReleaseBehaviour {
  const labels = {
    'helm.toolkit.fluxcd.io/name': name,
    'helm.toolkit.fluxcd.io/namespace': releaseNamespace,
  }
  return {
    postRendering: {
      strategy: 'combined',
      helmRelease: { metadata: { name, namespace: releaseNamespace }, spec: {} },
    },
    originLabels: labels,
    maxHistory: 5,
    waitStrategy: 'poller',
    installMethod: 'ssa',
    isRemote: false,
    isAtHome: false,
    overrideManagers: [],
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
