import { type Cluster, isApiError, type ObjectKey, type Resource } from '@sluice/cluster'
import type { Clock, KubeObject } from '@sluice/ports'
import { type KindName, kinds } from './kinds.ts'
import { type Change, type ObjectStore, objectStore } from './object-store.ts'

/** Field manager of everything that a real cluster's controller manager would write. */
const controllerManager = 'kube-controller-manager'

/** An event to be shown beside an object. */
export type Note = {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Who says so, such as `deployment-controller`. */
  readonly component: string
}

type Delete = { readonly gracePeriodSeconds?: number }

/**
 * The cluster as the node's controllers see it: cached objects to read, writes that are seen by the next read.
 * Every write fails with the cluster's {@link ApiError}; a write that lost a race ends the reconciliation, which
 * is run again.
 */
export interface World {
  readonly clock: Clock
  objects(kind: KindName): ObjectStore
  create(kind: KindName, object: KubeObject): Promise<KubeObject>
  update(kind: KindName, object: KubeObject): Promise<KubeObject>
  /** @param manager who writes, where it is not the controller manager */
  updateStatus(kind: KindName, object: KubeObject, manager?: string): Promise<KubeObject>
  /** Assigns a pod to a node. */
  bind(pod: KubeObject, nodeName: string): Promise<void>
  /** Deletes this very object; one that is gone already is no failure. */
  remove(kind: KindName, object: KubeObject, options?: Delete): Promise<void>
  /** Records an event; it is lost when its namespace is going away. */
  note(about: KubeObject, note: Note): Promise<void>
  /** The clock's time as objects carry it. */
  timestamp(): string
}

/** What a {@link createWorld} needs. `changed` hears of every change, the controllers' own writes included. */
export type WorldDeps = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly resources: ReadonlyMap<KindName, Resource>
  readonly eventResource: Resource
  readonly changed: (kind: KindName, change: Change) => void
}

/** Looks up how each kind is called in this cluster. */
export async function discoverKinds(cluster: Cluster, signal: AbortSignal): Promise<Map<KindName, Resource>> {
  const found = await Promise.all(
    Object.entries(kinds).map(
      async ([name, { apiVersion, kind }]) =>
        [name as KindName, await cluster.resourceFor(apiVersion, kind, { signal })] as const,
    ),
  )
  return new Map(found)
}

export function createWorld(deps: WorldDeps): World & { seen(kind: KindName, change: Change): void } {
  const { cluster, clock, signal, resources, eventResource, changed } = deps
  const stores = new Map(Object.keys(kinds).map((kind) => [kind as KindName, objectStore()]))
  let notes = 0

  const objects = (kind: KindName): ObjectStore => known(stores, kind)
  const resource = (kind: KindName): Resource => known(resources, kind)
  const write = { fieldManager: controllerManager, signal }

  const seen = (kind: KindName, { before, after }: Change) => {
    const change = after ? objects(kind).put(after) : before && objects(kind).remove(before)
    if (change) changed(kind, change)
  }
  const stored = (kind: KindName, after: KubeObject): KubeObject => {
    seen(kind, { after })
    return after
  }
  const timestamp = () => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`

  return {
    clock,
    objects,
    seen,
    timestamp,
    create: async (kind, object) => stored(kind, await cluster.create(resource(kind), object, write)),
    update: async (kind, object) => stored(kind, await cluster.update(resource(kind), object, write)),
    updateStatus: async (kind, object, manager = controllerManager) => {
      const options = { signal, fieldManager: manager, subresource: 'status' }
      return stored(kind, await cluster.update(resource(kind), object, options))
    },
    bind: async (pod, nodeName) => {
      const { name = '', namespace = '' } = pod.metadata
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName }
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target }
      await cluster.create(resource('pods'), binding, {
        signal,
        fieldManager: 'kube-scheduler',
        subresource: 'binding',
      })
    },
    remove: async (kind, object, options) => {
      await ignoring('NotFound', () => {
        const { uid } = object.metadata
        return cluster.delete(resource(kind), nameOf(object), {
          signal,
          ...options,
          ...(uid === undefined ? {} : { uid }),
        })
      })
    },
    note: async (about, note) => {
      notes += 1
      const suffix = (clock.now() * 1_000 + (notes % 1_000)).toString(16)
      const event = eventOf(about, note, { at: timestamp(), suffix })
      // An event is news, not state: a namespace on its way out, or a name taken twice, drops it.
      await ignoring('NotFound', () =>
        ignoring('Forbidden', () =>
          ignoring('AlreadyExists', async () => {
            await cluster.create(eventResource, event, { signal, fieldManager: note.component })
          }),
        ),
      )
    },
  }
}

function eventOf(
  about: KubeObject,
  { type, reason, message, component }: Note,
  { at, suffix }: { readonly at: string; readonly suffix: string },
): KubeObject {
  const { apiVersion, kind } = about
  const { name = '', namespace = 'default', uid, resourceVersion } = about.metadata
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${suffix}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
    type,
    reason,
    message,
    source: { component },
    reportingComponent: component,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  }
}

/** The object's name as the client wants it. */
export function nameOf({ metadata: { name = '', namespace } }: KubeObject): ObjectKey {
  return namespace === undefined ? { name } : { name, namespace }
}

async function ignoring(reason: string, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isApiError(error, reason)) throw error
  }
}

function known<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new RangeError(`unknown kind ${String(key)}`)
  return value
}
