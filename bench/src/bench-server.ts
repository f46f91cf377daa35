import { createApiServer, inProcessTransport, memoryStorage } from '@sluice/apiserver'
import { type ApiRequest, type Cluster, createCluster, type Transport } from '@sluice/cluster'
import { systemClock, systemRandom } from '@sluice/host'
import { silentLogger } from '@sluice/ports'
import { createManager, type Manager } from '@sluice/runtime'
import { customResourceDefinitions } from '@sluice/toolkit'

/** An embedded API server with the toolkit's kinds, a namespace `bench`, and a manager without controllers. */
export type BenchServer = AsyncDisposable & {
  readonly cluster: Cluster
  readonly manager: Manager
  /** The manager's requests since the beginning, watches included, by method and path pattern. */
  readonly requests: ReadonlyMap<string, number>
  readonly signal: AbortSignal
  /** Starts the manager. */
  readonly run: () => void
}

export const namespace = 'bench'

/** How the benchmark itself writes. */
export const write = (
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly fieldManager: string } => ({
  signal,
  fieldManager: 'bench',
})

export async function benchServer(): Promise<BenchServer> {
  const stop = new AbortController()
  const { signal } = stop
  const server = await createApiServer({ storage: memoryStorage() })
  const cluster = createCluster(inProcessTransport(server))
  const requests = new Map<string, number>()
  await prepareCluster(cluster, signal)
  const manager = createManager({
    cluster: createCluster(counting(inProcessTransport(server), requests)),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    identity: 'bench',
  })
  let running: Promise<void> = Promise.resolve()
  return {
    cluster,
    manager,
    requests,
    signal,
    run: () => {
      running = manager.run(signal)
    },
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
}

/** The transport, with its requests counted. */
export function counting(transport: Transport, counts: Map<string, number>): Transport {
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
