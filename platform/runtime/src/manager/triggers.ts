import type { CacheChange, CacheSet, ObjectKey, Resource, WatchCache } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { annotations, ownAnnotations, type ToolkitObject } from '@sluice/toolkit'
import { isSuspended, tryDecode } from '../reconcile/reconcile-key.ts'
import type { Reconciler, Watch } from '../reconcile/reconciler.ts'
import { keyText, keyTextOf } from './key-text.ts'

/** What a change that asks for a run was of. */
export type Trigger = { readonly kind: string; readonly key: ObjectKey }

/** Has an object reconciled, for what reason. */
export type Enqueue = (key: string, trigger?: Trigger) => void

/**
 * Enqueues objects of the reconciler's kind that a change asks to reconcile. Status alone never does. Those that were there
 * before count as changed; those that come later as new.
 */
export function watchOwnKind<T extends ToolkitObject>(
  cache: WatchCache,
  reconciler: Reconciler<T>,
  { enqueue, enqueueNew }: { readonly enqueue: Enqueue; readonly enqueueNew: (key: string) => void },
): void {
  cache.subscribe((change) => {
    const object = change.after ?? change.before
    if (!object || !asksToReconcile(change, reconciler)) return
    if (change.before) {
      enqueue(keyTextOf(object), triggerOf(reconciler.resource, object))
    } else {
      enqueueNew(keyTextOf(object))
    }
  })
  for (const object of cache.list()) enqueue(keyTextOf(object))
}

/** Enqueues what refers to a changed object of another kind. */
export function watchReferences<T extends ToolkitObject>(
  watch: Watch<T>,
  {
    caches,
    own,
    namespace,
    indexName,
    reconciler,
    enqueue,
  }: {
    readonly caches: CacheSet
    readonly own: WatchCache
    readonly namespace: string | undefined
    /** Unlike that of the kind's other watches. */
    readonly indexName: string
    readonly reconciler: Reconciler<T>
    readonly enqueue: Enqueue
  },
): WatchCache {
  const { resource, refersTo, when, concerns, labelSelector, metadataOnly } = watch
  own.addIndex(indexName, (object) => {
    const decoded = tryDecode(object, reconciler)
    return decoded ? refersTo(decoded).map(keyText) : []
  })
  const others = caches.cache(resource, {
    ...(namespace !== undefined && resource.namespaced && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(metadataOnly !== undefined && { metadataOnly }),
  })
  others.subscribe((change) => {
    const object = change.after ?? change.before
    if (!object || (when && !when(change))) return
    for (const dependent of own.byIndex(indexName, keyTextOf(object))) {
      const decoded = concerns && tryDecode(dependent, reconciler)
      if (!decoded || concerns(decoded, change)) {
        enqueue(keyTextOf(dependent), triggerOf(resource, object))
      }
    }
  })
  return others
}

function triggerOf({ kind }: Resource, { metadata: { namespace = '', name = '' } }: KubeObject): Trigger {
  return { kind, key: { namespace, name } }
}

function asksToReconcile<T extends ToolkitObject>(
  { before, after }: CacheChange<KubeObject>,
  reconciler: Reconciler<T>,
): boolean {
  if (!before || !after) return true
  if (before.metadata.uid !== after.metadata.uid) return true
  if (before.metadata.generation !== after.metadata.generation) return true
  if (after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp) return true
  if (requestOf(after) !== requestOf(before) || optInsOf(after) !== optInsOf(before)) return true
  const [was, is] = [tryDecode(before, reconciler), tryDecode(after, reconciler)]
  return was !== undefined && is !== undefined && isSuspended(was, reconciler) !== isSuspended(is, reconciler)
}

function requestOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[annotations.requestedAt]
}

/** Annotations of our own say how an object is reconciled, as a specification does. */
function optInsOf({ metadata }: KubeObject): string {
  return JSON.stringify(Object.values(ownAnnotations).map((name) => metadata.annotations?.[name] ?? null))
}
