import type { Clock, KubeObject, Logger, Random } from '@sluice/ports'
import { ApiError, isApiError } from '../api-error.ts'
import type { Cluster, Resource } from '../cluster.ts'
import type { ObjectStore } from './object-store.ts'
import { versionOf } from './resource-version.ts'
import type { CacheOptions } from './watch-cache.ts'

export type ReflectorOptions<T extends KubeObject> = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly resource: Resource
  readonly selection: CacheOptions & { readonly fieldSelector?: string }
  readonly store: ObjectStore<T>
  /** What is kept of an object; all of it when absent. */
  readonly reduce?: (object: T) => T
  readonly signal: AbortSignal
  /** Called after the first list. */
  readonly onSynced: () => void
}

const firstPauseMs = 800
const longestPauseMs = 30_000
/** A watch that ends sooner than this is opened again after a pause. */
const shortWatchMs = 1_000
/** Watches are renewed after this time, up to twice as long, so that not all are renewed at once. */
const watchSeconds = 300

/** Keeps `store` equal to the server: lists once, then watches, resuming where it stopped. Ends when aborted. */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { clock, log, signal } = options
  let failures = 0
  let resourceVersion: string | undefined
  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) {
        resourceVersion = await relist(options)
        failures = 0
      }
      const openedAt = clock.now()
      for await (const reached of watchFrom(resourceVersion, options)) {
        resourceVersion = reached
        failures = 0
      }
      if (clock.now() - openedAt < shortWatchMs) await clock.sleep(pauseAfter(1, options), signal)
    } catch (error) {
      if (signal.aborted) return
      if (isExpired(error)) {
        log.debug('watch is too old, listing again')
        resourceVersion = undefined
      } else {
        failures += 1
        const isUnserved = isApiError(error, 'NotFound')
        // What is not served has no objects: nobody is to wait for it. It may be served one day.
        if (isUnserved) options.onSynced()
        const told = { resource: options.resource.plural }
        if (failures === 1 && isUnserved) log.info('the cluster does not serve this kind yet', told)
        if (failures === 1 && !isUnserved) log.error(error, 'cannot watch', told)
        // After a few failures the server may have lost its history: begin anew.
        if (failures % 5 === 0) resourceVersion = undefined
        await pause(failures, options)
      }
    }
  }
}

async function relist<T extends KubeObject>(options: ReflectorOptions<T>): Promise<string> {
  const { cluster, resource, selection, store, reduce = whole, signal, onSynced } = options
  const { items, resourceVersion } = await cluster.list<T>(resource, { ...selection, signal })
  store.replace(items.map(reduce), resourceVersion)
  onSynced()
  return resourceVersion
}

/** Feeds events to the store and yields the version reached after each. */
async function* watchFrom<T extends KubeObject>(
  resourceVersion: string,
  { cluster, resource, selection, store, reduce = whole, signal, random }: ReflectorOptions<T>,
): AsyncGenerator<string> {
  const timeoutSeconds = Math.round(watchSeconds * (1 + random.float()))
  const events = cluster.watch<T>(resource, { ...selection, resourceVersion, timeoutSeconds, signal })
  for await (const { type, object } of events) {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        store.setFromWatch(reduce(object))
        break
      case 'DELETED':
        store.removeFromWatch(object)
        break
      case 'BOOKMARK':
        store.advance(versionOf(object))
    }
    yield versionOf(object)
  }
}

function whole<T>(object: T): T {
  return object
}

async function pause<T extends KubeObject>(failures: number, options: ReflectorOptions<T>): Promise<void> {
  const { clock, signal } = options
  try {
    await clock.sleep(pauseAfter(failures, options), signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function pauseAfter<T extends KubeObject>(failures: number, { random }: ReflectorOptions<T>): number {
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1))
  return full * (1 - random.float() / 2)
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.reason === 'Expired' || error.statusCode === 410)
}
