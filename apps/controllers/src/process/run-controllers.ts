import { randomUUID } from 'node:crypto'
import { createCluster, httpTransport, pacedHttp, remoteClusters, type Surroundings } from '@sluice/cluster'
import { createHttp, systemRandom } from '@sluice/host'
import type { Clock, Http, Logger } from '@sluice/ports'
import {
  addProcessMetrics,
  createMetrics,
  forwardEvents,
  type Manager,
  type Metrics,
  runAsLeader,
  serveEndpoints,
} from '@sluice/runtime'
import type { ControllerPlaces } from '../compose/parts.ts'
import type { ControllerName } from '../controller-name.ts'
import { type Controllers, createControllers, together } from '../create-controllers.ts'
import type { Address, ControllerSettings, ProcessSettings } from '../settings.ts'
import { type ArtifactServer, artifactServer } from './artifact-server.ts'
import { type ClusterChoice, clusterConnection } from './cluster-connection.ts'
import { leaseName } from './lease-name.ts'
import { memoryRunsOut, memoryWatchOptions } from './memory-watch.ts'
import { type OpenedStore, openStore } from './open-store.ts'
import { artifactDirectory, openTags } from './places.ts'

/** What a process of controllers runs on. */
export type Machine = {
  readonly clock: Clock
  readonly hostname: string
  readonly surroundings: Surroundings
  /** Which cluster is meant. */
  readonly choice: ClusterChoice
  readonly log: Logger
}

/** A process, put together. */
type Process = {
  readonly controllers: Controllers
  readonly settings: readonly ControllerSettings[]
  readonly shared: ProcessSettings
  readonly machine: Machine
  readonly artifacts: ArtifactServer | undefined
  /** Controllers that are at work, which is all of them without leader election. */
  readonly leading: Set<ControllerName>
}

/**
 * Runs controllers for a cluster until `signal` aborts: leader election, artifact server, probes and metrics included.
 *
 * @throws {LeadershipLostError} when another process has taken a lease over
 * @throws {KubeConfigError | FlagError} when it cannot begin
 */
export async function runControllers(
  settings: readonly ControllerSettings[],
  shared: ProcessSettings,
  { machine, signal }: { readonly machine: Machine; readonly signal: AbortSignal },
): Promise<void> {
  const { log } = machine
  const http = createHttp()
  const metrics = createMetrics()
  addProcessMetrics(metrics, machine.clock.now())
  const process = await assemble(settings, shared, { machine, http, metrics, signal })
  // Where artifacts are kept for all replicas, those that stand by serve them too.
  if (shared.storage?.blobs) await process.artifacts?.start()
  const endpoints = await serveAll(process)
  log.info('starting manager', { controllers: settings.map(({ name }) => name) })
  try {
    await together([...process.controllers.managers].map(workOf(process)), await stopping(process, signal))
  } finally {
    await Promise.all([...endpoints.map((it) => it.close()), process.artifacts?.close()])
    await process.controllers.close()
    await http.close()
    log.info('stopped')
  }
}

type Tools = { readonly machine: Machine; readonly http: Http; readonly metrics: Metrics }

async function assemble(
  settings: readonly ControllerSettings[],
  shared: ProcessSettings,
  { machine, http, metrics, signal }: Tools & { readonly signal: AbortSignal },
): Promise<Process> {
  const { clock, log, surroundings } = machine
  const connection = await clusterConnection(machine.choice, { clock, surroundings })
  const apiHttp = pacedHttp(http, {
    pace: shared.pace,
    clock,
    onAnswer: ({ method, host, status }) =>
      metrics.client.answered(method, host, status === undefined ? '<error>' : String(status)),
  })
  const directory = artifactDirectory(settings)
  const { storage, namespace, watchLabelSelector, eventsAddress } = shared
  const opened =
    storage && directory !== undefined
      ? openStore(storage, { directory, http, clock, surroundings, signal })
      : undefined
  const controllers = await createControllers({
    settings,
    cluster: createCluster(httpTransport(connection, { http: apiHttp, clock })),
    clock,
    random: systemRandom,
    log,
    identity: machine.hostname,
    metrics,
    places: await placesOf(settings, shared, { machine, http, metrics, opened }),
    ...(namespace !== undefined && { namespace }),
    ...(watchLabelSelector !== '' && { watchLabelSelector }),
    ...(eventsAddress !== '' && { forwardEvent: forwardEvents(eventsAddress, { http, clock }) }),
  })
  const artifacts =
    storage && directory !== undefined
      ? artifactServer(directory, storage.address, { log, prepare: opened?.prepare })
      : undefined
  return { controllers, settings, shared, machine, artifacts, leading: new Set() }
}

async function placesOf(
  settings: readonly ControllerSettings[],
  { kubeConfigs }: ProcessSettings,
  { machine, http, metrics, opened }: Tools & { readonly opened: OpenedStore | undefined },
): Promise<ControllerPlaces> {
  const { clock, surroundings } = machine
  const tags = await openTags(settings)
  const localhost = surroundings.env['SOURCE_CONTROLLER_LOCALHOST']
  return {
    http,
    clock,
    surroundings,
    tokens: { observer: metrics.tokens },
    connect: remoteClusters({ http, clock, surroundings, trusted: kubeConfigs }),
    ...(localhost && { rewriteUrl: (url: string) => withHost(url, localhost) }),
    ...(tags && { tags }),
    ...(opened && { store: opened.store }),
  }
}

/** Runs one controller: while it holds its lease, where there is leader election. */
function workOf(
  process: Process,
): (entry: readonly [ControllerName, Manager]) => (signal: AbortSignal) => Promise<void> {
  const { leaderElection, watchLabelSelector } = process.shared
  const { machine, controllers } = process
  const { clock, log } = machine
  const identity = `${machine.hostname}_${randomUUID()}`
  return ([name, manager]) => {
    const lead = async (signal: AbortSignal): Promise<void> => {
      if (name === 'source-controller' || name === 'source-watcher') await process.artifacts?.start()
      process.leading.add(name)
      await manager.run(signal)
    }
    if (!leaderElection) return lead
    const lease = leaseName(name, watchLabelSelector)
    controllers.metrics.leader.leads(lease, false)
    return (signal) =>
      runAsLeader(
        lead,
        {
          ...leaderElection,
          cluster: controllers.caches.cluster,
          clock,
          random: systemRandom,
          log,
          name: lease,
          identity,
          onLeading: (isLeader) => controllers.metrics.leader.leads(lease, isLeader),
        },
        signal,
      )
  }
}

/** A signal that aborts with `signal`, or when memory runs out where that is watched. */
async function stopping({ settings, machine }: Process, signal: AbortSignal): Promise<AbortSignal> {
  const helm = settings.find(({ name, flags }) => name === 'helm-controller' && flags.gate('OOMWatch'))
  if (!helm) return signal
  const outOfMemory = new AbortController()
  const options = memoryWatchOptions(helm.flags, machine)
  // Goes on beside the controllers, and ends with them.
  void memoryRunsOut(options, signal).then(
    (isNear) => isNear && outOfMemory.abort(),
    (error: unknown) => machine.log.error(error, 'cannot watch memory'),
  )
  return AbortSignal.any([signal, outOfMemory.signal])
}

type Serving = { close(): Promise<void> }

/** A replica that stands by is ready: it could take over. */
async function serveAll({ controllers, shared, leading, machine }: Process): Promise<readonly Serving[]> {
  const { metrics, managers } = controllers
  const manager = {
    isReady: () => [...leading].every((name) => managers.get(name)?.isReady() ?? true),
    metrics: () => metrics.registry.metrics(),
  }
  const { metricsAddress, healthAddress } = shared
  const wanted: readonly (readonly [Address | undefined, 'metrics' | 'health'])[] = [
    [metricsAddress, 'metrics'],
    [healthAddress, 'health'],
  ]
  return Promise.all(
    wanted.flatMap(([address, what]) => {
      if (!address) return []
      const serving = serveEndpoints(manager, { ...address, serve: [what] })
      return [
        serving.then((endpoints) => {
          machine.log.info(`serving ${what}`, { port: endpoints.port })
          return endpoints
        }),
      ]
    }),
  )
}

/** The URL with another host, and port if `host` has one. */
function withHost(url: string, host: string): string {
  return url.replace(/^(\w+:\/\/)[^/]+/, (_, scheme: string) => scheme + host)
}
