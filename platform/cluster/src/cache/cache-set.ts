import type { Clock, KubeObject, Logger, Random } from '@sluice/ports'
import { groupVersionPath } from '../client/paths.ts'
import type { Cluster, Resource } from '../cluster.ts'
import { feedWrites } from './feed-writes.ts'
import { closedGate, type Gate } from './gate.ts'
import { ObjectStore } from './object-store.ts'
import { reflect } from './reflector.ts'
import type { CacheOptions, WatchCache } from './watch-cache.ts'

/** The caches of a process: one watch a resource and options, started when first asked for. */
export interface CacheSet {
  /** The cluster, with the responses of writes taken into the caches. */
  readonly cluster: Cluster
  cache<T extends KubeObject = KubeObject>(resource: Resource, options?: CacheOptions): WatchCache<T>
  /** Resolves when all watches have ended, after the signal aborted. */
  closed(): Promise<void>
}

export type CacheSetOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Ends all watches; the caches keep what they have. */
  readonly signal: AbortSignal
  /** Where objects are looked for when a cache's own options do not say; all namespaces when absent. */
  readonly namespace?: string
}

type Held = {
  readonly store: ObjectStore<KubeObject>
  readonly cache: WatchCache
  readonly observe: (object: KubeObject) => void
}

export function createCacheSet(options: CacheSetOptions): CacheSet {
  const heldByResource = new Map<string, Map<string, Held>>()
  const running = new Set<Promise<void>>()

  return {
    cluster: feedWrites(options.cluster, {
      written: (resource, object) => {
        for (const { observe } of heldOf(resource)) observe(object)
      },
      deleted: (resource, key) => {
        for (const { store } of heldOf(resource)) store.observeDelete(key)
      },
    }),
    // Callers say what they know about the resource; one cache serves them all.
    cache: <T extends KubeObject>(resource: Resource, selection: CacheOptions = {}) =>
      hold(resource, selection).cache as WatchCache<T>,
    closed: async () => {
      await Promise.all(running)
    },
  }

  function heldOf(resource: Resource): Iterable<Held> {
    return heldByResource.get(identityOf(resource))?.values() ?? []
  }

  function hold(resource: Resource, asked: CacheOptions): Held {
    const selection = withinBounds(resource, asked)
    const identity = identityOf(resource)
    const bySelection = heldByResource.get(identity) ?? new Map<string, Held>()
    heldByResource.set(identity, bySelection)
    const { namespace = '', labelSelector = '' } = selection
    const selectionKey = JSON.stringify([namespace, labelSelector, contentOf(selection)])
    const held = bySelection.get(selectionKey) ?? start(resource, selection)
    bySelection.set(selectionKey, held)
    return held
  }

  function withinBounds({ namespaced }: Resource, selection: CacheOptions): CacheOptions {
    const { namespace } = options
    return namespace === undefined || !namespaced ? selection : { namespace, ...selection }
  }

  function start(resource: Resource, selection: CacheOptions): Held {
    const store = new ObjectStore<KubeObject>((object) => admits(object, selection))
    const firstList = closedGate()
    const onSynced = (): void => firstList.open()
    const reduce = reductions[contentOf(selection)]
    const { versionsOnly = false, metadataOnly = versionsOnly, ...chosen } = selection
    const task = reflect({
      ...options,
      resource,
      selection: { ...chosen, metadataOnly },
      store,
      reduce,
      onSynced,
    }).finally(() => running.delete(task))
    running.add(task)
    const observe = (object: KubeObject): void => store.observeWrite(reduce(object))
    return {
      store,
      cache: cacheOver(store, resource, { firstList, within: selection.namespace }),
      observe,
    }
  }
}

function cacheOver(
  store: ObjectStore<KubeObject>,
  resource: Resource,
  { firstList, within }: { readonly firstList: Gate; readonly within: string | undefined },
): WatchCache {
  return {
    resource,
    namespace: within,
    get size() {
      return store.size
    },
    get: (key) => store.get(key),
    list: (namespace) => store.list(namespace),
    addIndex: (name, valuesOf) => store.addIndex(name, valuesOf),
    byIndex: (name, value) => store.byIndex(name, value),
    subscribe: (listener) => store.subscribe(listener),
    synced: (signal) => firstList.passed(signal),
  }
}

/** Whether a new object may enter through a write: its labels are left to the server where a selector counts. */
function admits(object: KubeObject, selection: CacheOptions): boolean {
  const { namespace, labelSelector } = selection
  if (labelSelector !== undefined || contentOf(selection) !== 'all') return false
  return namespace === undefined || object.metadata.namespace === namespace
}

/** How much of objects is kept. */
type Content = 'all' | 'metadata' | 'versions'

function contentOf({ metadataOnly, versionsOnly }: CacheOptions): Content {
  if (versionsOnly) return 'versions'
  return metadataOnly ? 'metadata' : 'all'
}

const reductions: Readonly<Record<Content, (object: KubeObject) => KubeObject>> = {
  all: (object) => object,
  metadata: withoutContent,
  versions: onlyVersion,
}

/** Annotations may hold the whole object, and labels are many. */
function onlyVersion({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = metadata
  const identity = {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  }
  if (deletionTimestamp === undefined) return { apiVersion, kind, metadata: identity }
  const end = {
    deletionTimestamp,
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(finalizers && { finalizers }),
  }
  return { apiVersion, kind, metadata: { ...identity, ...end } }
}

function withoutContent({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata }
}

function identityOf({ group, version, plural }: Resource): string {
  return `${groupVersionPath(group, version)}/${plural}`
}
