import { setMaxListeners } from 'node:events'
import { type CacheSet, type Cluster, createCacheSet } from '@sluice/cluster'
import type { Clock, Logger, Random } from '@sluice/ports'
import { createManager, createMetrics, type ForwardEvent, type Manager, type Metrics } from '@sluice/runtime'
import { composeOf } from './compose/compose.ts'
import { type ControllerPlaces, sharedParts } from './compose/parts.ts'
import type { ControllerName } from './controller-name.ts'
import type { ControllerSettings } from './settings.ts'

export type ControllersOptions = {
  /** The controllers that are wanted, with how they are to work. */
  readonly settings: readonly ControllerSettings[]
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Names this process in events, such as its host name. */
  readonly identity: string
  readonly places: ControllerPlaces
  /** The only namespace that is looked at; all when absent. */
  readonly namespace?: string
  /** Only objects with these labels are reconciled. */
  readonly watchLabelSelector?: string
  /** Hands events to the notification controller. */
  readonly forwardEvent?: ForwardEvent
  /** Those of the process; made anew when absent. */
  readonly metrics?: Metrics
  /** How long a new object waits before it is looked at first; see the manager's option. */
  readonly newObjectDelayMs?: number
  /** How long runs under way may take to end, for all controllers; by their flags when absent. */
  readonly gracePeriodMs?: number
}

/** Controllers of one process, over one set of caches. */
export interface Controllers {
  readonly caches: CacheSet
  readonly metrics: Metrics
  /** A manager a controller: each can be run, or not, by itself. */
  readonly managers: ReadonlyMap<ControllerName, Manager>
  /** Runs all controllers until `signal` aborts. Fails when one of them does; all have come to their end by then. */
  run(signal: AbortSignal): Promise<void>
  /** Ends watches and threads, when no controller runs any more. */
  close(): Promise<void>
}

/** What runs may take to end, for controllers that have no flag for it. Flux's pods are killed after ten seconds. */
const defaultGracePeriodMs = 5_000

/** Puts controllers together. Nothing is watched before one of them runs. */
export async function createControllers(options: ControllersOptions): Promise<Controllers> {
  const { cluster, clock, random, log, namespace, places, settings } = options
  const watching = new AbortController()
  // Each watch listens: hundreds are no leak.
  setMaxListeners(0, watching.signal)
  const bounds = namespace === undefined ? {} : { namespace }
  const caches = createCacheSet({ cluster, clock, random, log, signal: watching.signal, ...bounds })
  const metrics = options.metrics ?? createMetrics()
  const endings: (() => Promise<void>)[] = []
  const parts = sharedParts(places, { caches, onClose: (end) => endings.push(end) })
  const managers = new Map<ControllerName, Manager>()
  for (const each of settings) {
    const manager = createManager({ ...managerOptions(each), ...options, caches, metrics })
    // One after the other: the order decides about which controller's kinds are watched first.
    const compose = await composeOf(each.name)
    compose(manager, parts, each)
    managers.set(each.name, manager)
  }

  return {
    caches,
    metrics,
    managers,
    run: (signal) =>
      together(
        [...managers.values()].map((it) => (until) => it.run(until)),
        signal,
      ),
    close: async () => {
      watching.abort()
      await Promise.all([caches.closed(), ...endings.map((end) => end())])
    },
  }
}

/** Does all works until `signal` aborts; when one ends by failing, the others are ended too. @throws the first failure */
export async function together(
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  const until = AbortSignal.any([signal, failed.signal])
  setMaxListeners(0, until)
  const failures: unknown[] = []
  await Promise.all(
    works.map(async (work) => {
      try {
        await work(until)
      } catch (error) {
        failures.push(error)
        failed.abort(error)
      }
    }),
  )
  if (failures.length > 0) throw failures[0]
}

function managerOptions({ flags }: ControllerSettings): {
  readonly concurrency: number
  readonly minRetryDelayMs: number
  readonly maxRetryDelayMs: number
  readonly intervalJitterPercentage: number
  readonly gracePeriodMs: number
} {
  return {
    concurrency: Math.max(1, flags.number('concurrent')),
    minRetryDelayMs: flags.ms('min-retry-delay'),
    maxRetryDelayMs: flags.ms('max-retry-delay'),
    intervalJitterPercentage: flags.has('interval-jitter-percentage')
      ? flags.number('interval-jitter-percentage')
      : 0,
    gracePeriodMs: flags.has('graceful-shutdown-timeout')
      ? flags.ms('graceful-shutdown-timeout')
      : defaultGracePeriodMs,
  }
}
