import {
  ApiError,
  type Cluster,
  type List,
  type ListOptions,
  type Resource,
  type WatchEvent,
} from '@sluice/cluster'
import type { Clock, KubeObject } from '@sluice/ports'

const clusterScoped = new Set(['Node', 'PersistentVolume', 'StorageClass', 'Namespace'])

/** A cluster in memory with what these controllers rely on: versions, generations, status apart, owners' end. */
export function fakeCluster(clock: Clock): Cluster & { readonly events: readonly string[] } {
  const objects = new Map<string, KubeObject>()
  const watchers = new Set<(kind: string, event: WatchEvent) => void>()
  const events: string[] = []
  let version = 0

  const emit = (type: WatchEvent['type'], object: KubeObject) => {
    for (const tell of watchers) tell(object.kind, { type, object })
  }
  const store = (object: KubeObject, type: WatchEvent['type']): KubeObject => {
    version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    objects.set(idOf(object.kind, object.metadata), stored)
    emit(type, stored)
    return stored
  }
  const find = (kind: string, key: { namespace?: string; name?: string }): KubeObject => {
    const found = objects.get(idOf(kind, key))
    if (!found) {
      throw new ApiError({ code: 404, reason: 'NotFound', message: `${kind} ${key.name} not found` })
    }
    return found
  }
  const erase = (object: KubeObject) => {
    objects.delete(idOf(object.kind, object.metadata))
    version += 1
    emit('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } })
    for (const other of objects.values()) {
      if (other.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)) erase(other)
    }
  }

  const cluster: Cluster = {
    resourceFor: async (apiVersion, kind): Promise<Resource> => ({
      group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
      version: apiVersion.split('/').at(-1) ?? '',
      kind,
      plural: `${kind.toLowerCase()}s`,
      namespaced: !clusterScoped.has(kind),
    }),
    get: async <T>({ kind }: Resource, key: { namespace?: string; name: string }) => find(kind, key) as T,
    list: async <T>({ kind }: Resource, { namespace }: ListOptions): Promise<List<T>> => ({
      items: [...objects.values()].filter(
        (object) =>
          object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
      ) as T[],
      resourceVersion: String(version),
    }),
    watch: <T>({ kind }: Resource, { signal }: ListOptions) =>
      watchFrom(kind, { signal, watchers }) as AsyncIterable<WatchEvent<T>>,
    create: async <T>({ kind }: Resource, object: KubeObject, options: { subresource?: string }) => {
      if (options.subresource === 'binding') {
        const pod = find('Pod', object.metadata)
        const { name } = object['target'] as { name: string }
        return store({ ...pod, spec: { ...(pod['spec'] as object), nodeName: name } }, 'MODIFIED') as T
      }
      if (kind === 'Event') {
        events.push(`${String(object['reason'])}: ${String(object['message'])}`)
        return object as T
      }
      const { generateName } = object.metadata
      const name = object.metadata.name ?? `${generateName}${(version + 1).toString(36).padStart(5, '0')}`
      if (objects.has(idOf(kind, { ...object.metadata, name }))) {
        throw new ApiError({ code: 409, reason: 'AlreadyExists', message: `${kind} ${name} already exists` })
      }
      const { status: _, ...content } = object
      const metadata = {
        ...object.metadata,
        name,
        uid: `uid-${version + 1}`,
        generation: 1,
        creationTimestamp: new Date(clock.now()).toISOString(),
      }
      return store({ ...content, apiVersion: object.apiVersion, kind, metadata }, 'ADDED') as T
    },
    update: async <T>({ kind }: Resource, object: KubeObject, options: { subresource?: string }) => {
      const known = find(kind, object.metadata)
      if (object.metadata.resourceVersion !== known.metadata.resourceVersion) {
        throw new ApiError({ code: 409, reason: 'Conflict', message: 'the object has been modified' })
      }
      if (options.subresource === 'status') {
        const { annotations } = object.metadata
        const metadata = annotations ? { ...known.metadata, annotations } : known.metadata
        return store({ ...known, metadata, status: object['status'] }, 'MODIFIED') as T
      }
      const changed = JSON.stringify(known['spec']) !== JSON.stringify(object['spec'])
      const generation = (known.metadata.generation ?? 0) + (changed ? 1 : 0)
      const updated = {
        ...object,
        status: known['status'],
        metadata: { ...object.metadata, generation },
      }
      if (updated.metadata.deletionTimestamp && !updated.metadata.finalizers?.length) {
        erase(updated)
        return updated as T
      }
      return store(updated, 'MODIFIED') as T
    },
    delete: async ({ kind }, key, { uid, gracePeriodSeconds }) => {
      const known = find(kind, key)
      if (uid !== undefined && known.metadata.uid !== uid) {
        throw new ApiError({ code: 409, reason: 'Conflict' })
      }
      const graceful = kind === 'Pod' && gracePeriodSeconds !== 0
      if (graceful || known.metadata.finalizers?.length) {
        if (known.metadata.deletionTimestamp) return
        const deletionTimestamp = new Date(clock.now()).toISOString()
        store({ ...known, metadata: { ...known.metadata, deletionTimestamp } }, 'MODIFIED')
        return
      }
      erase(known)
    },
    patch: async () => {
      throw new ApiError({ code: 405, reason: 'MethodNotAllowed' })
    },
    apply: async () => {
      throw new ApiError({ code: 405, reason: 'MethodNotAllowed' })
    },
    impersonate: () => cluster,
    resources: async () => [],
    request: async () => {
      throw new ApiError({ code: 404, reason: 'NotFound' })
    },
  }
  return { ...cluster, events }
}

async function* watchFrom(
  wanted: string,
  { signal, watchers }: { signal: AbortSignal; watchers: Set<(kind: string, event: WatchEvent) => void> },
): AsyncGenerator<WatchEvent> {
  const pending: WatchEvent[] = []
  let wake: () => void = idle
  const tell = (kind: string, event: WatchEvent) => {
    if (kind !== wanted) return
    pending.push(event)
    wake()
  }
  const stop = () => wake()
  watchers.add(tell)
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      const next = pending.shift()
      if (next) {
        yield next
        continue
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    watchers.delete(tell)
  }
}

function idle(): void {}

function idOf(kind: string, { namespace = '', name = '' }: { namespace?: string; name?: string }): string {
  return `${kind}/${namespace}/${name}`
}
