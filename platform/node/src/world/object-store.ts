import type { KubeObject, OwnerReference } from '@sluice/ports'

/** A change of one object, with what it was before. */
export type Change = { readonly before?: KubeObject; readonly after?: KubeObject }

/** The objects of one kind, found by name, namespace or owner without a scan. */
export interface ObjectStore {
  get(key: string): KubeObject | undefined
  inNamespace(namespace: string): Iterable<KubeObject>
  all(): Iterable<KubeObject>
  /** Objects whose controller has this uid. */
  controlledBy(uid: string): Iterable<KubeObject>
  /** Objects of the namespace that have no controller, so that one may adopt them. */
  orphansIn(namespace: string): Iterable<KubeObject>
  /** Takes the object in if it is newer than what is known. */
  put(object: KubeObject): Change | undefined
  /** Forgets the object, unless a newer one of the same name has come since. */
  remove(object: KubeObject): Change | undefined
}

/** How many removed objects are remembered; far more than writes can be under way. */
const rememberedRemovals = 1_024

/** `namespace/name`, `/name` for cluster-scoped objects. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

/** The owner that manages the object, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller)
}

export function objectStore(): ObjectStore {
  const byKey = new Map<string, KubeObject>()
  // Both indexes share one shape: a name for the group, and in it the objects by key.
  const byNamespace = new Map<string, Map<string, KubeObject>>()
  const byOwner = new Map<string, Map<string, KubeObject>>()
  const removed = new Set<string>()

  const forget = (object: KubeObject) => {
    byKey.delete(keyOf(object))
    drop(byNamespace, object.metadata.namespace ?? '', object)
    drop(byOwner, ownerGroup(object), object)
  }

  return {
    get: (key) => byKey.get(key),
    all: () => byKey.values(),
    inNamespace: (namespace) => byNamespace.get(namespace)?.values() ?? [],
    controlledBy: (uid) => byOwner.get(uid)?.values() ?? [],
    orphansIn: (namespace) => byOwner.get(orphanGroup(namespace))?.values() ?? [],
    put: (object) => {
      const before = byKey.get(keyOf(object))
      if (before && !isNewer(object, before)) return undefined
      // The response to a write may arrive after the watch has told of the object's end.
      if (removed.has(object.metadata.uid ?? '')) return undefined
      if (before) forget(before)
      byKey.set(keyOf(object), object)
      add(byNamespace, object.metadata.namespace ?? '', object)
      add(byOwner, ownerGroup(object), object)
      return before ? { before, after: object } : { after: object }
    },
    remove: (object) => {
      const before = byKey.get(keyOf(object))
      if (!before || before.metadata.uid !== object.metadata.uid) return undefined
      forget(before)
      remember(removed, object.metadata.uid ?? '')
      return { before }
    },
  }
}

function ownerGroup(object: KubeObject): string {
  return controllerOf(object)?.uid ?? orphanGroup(object.metadata.namespace ?? '')
}

function orphanGroup(namespace: string): string {
  return `orphans/${namespace}`
}

/** Resource versions of one server are numbers that grow; past 2^53 they are still compared exactly. */
function isNewer(object: KubeObject, known: KubeObject): boolean {
  const [left = '', right = ''] = [object.metadata.resourceVersion, known.metadata.resourceVersion]
  return left.length === right.length ? left > right : left.length > right.length
}

function add(index: Map<string, Map<string, KubeObject>>, group: string, object: KubeObject): void {
  const members = index.get(group)
  if (members) members.set(keyOf(object), object)
  else index.set(group, new Map([[keyOf(object), object]]))
}

function drop(index: Map<string, Map<string, KubeObject>>, group: string, object: KubeObject): void {
  const members = index.get(group)
  members?.delete(keyOf(object))
  if (members?.size === 0) index.delete(group)
}

function remember(removed: Set<string>, uid: string): void {
  removed.add(uid)
  if (removed.size <= rememberedRemovals) return
  for (const oldest of removed) {
    removed.delete(oldest)
    return
  }
}
