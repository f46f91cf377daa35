import { isApiError } from '@sluice/cluster'
import { type KubeObject, type OwnerReference, parseApiVersion } from '@sluice/ports'
import { storageKey } from '../registry/api-resource.ts'
import { changeObject } from '../verbs/change.ts'
import { removeObject } from '../verbs/delete.ts'
import { timestamp, withMeta } from '../verbs/metadata.ts'
import { recordUpdate, writeContext } from '../verbs/ownership.ts'
import { type SystemTarget, systemCall } from '../verbs/system-call.ts'
import { type Controller, type ControllerContext, keyParts } from './context.ts'
import { TaskQueue } from './task-queue.ts'

const foreground = 'foregroundDeletion'
const orphan = 'orphan'
/** An owner that cannot be found at once may be on its way. */
const settleMs = 500

/** What the collector knows: which objects name which owners. */
type Graph = {
  /** Keys of the objects that name an owner, by the owner's uid. */
  readonly dependents: Map<string, Set<string>>
  readonly ownersOf: Map<string, readonly OwnerReference[]>
}

/**
 * Deletes objects whose owners are gone, and carries out foreground and orphaning deletion.
 *
 * Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function garbageCollector(context: ControllerContext): Controller {
  const graph: Graph = { dependents: new Map(), ownersOf: new Map() }
  const queue = new TaskQueue({
    name: 'garbage-collector',
    ...context.core,
    signal: context.signal,
    work: (key) => collect(context, graph, key),
  })
  return {
    observe: ({ type, key, object }) => {
      const { uid = '', ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata
      const former = relate(graph, key, type === 'delete' ? [] : ownerReferences)
      if (type === 'delete') {
        for (const dependent of graph.dependents.get(uid) ?? []) queue.add(dependent)
        graph.dependents.delete(uid)
      }
      // An owner that waits for its dependents looks again when one of them changes.
      for (const owner of former) queue.add(keyOfOwner(context, key, owner) ?? key)
      const isWaiting =
        deletionTimestamp !== undefined && (finalizers.includes(foreground) || finalizers.includes(orphan))
      if (type !== 'put') return
      if (isWaiting) queue.add(key)
      else if (ownerReferences.length > 0) queue.addAfter(key, settleMs)
    },
    run: () => queue.run(),
  }
}

/** Records who owns what is at `key` now. @returns owners whose dependent has changed or gone */
function relate(
  { dependents, ownersOf }: Graph,
  key: string,
  owners: readonly OwnerReference[],
): readonly OwnerReference[] {
  const before = ownersOf.get(key) ?? []
  for (const { uid } of before) dependents.get(uid)?.delete(key)
  for (const { uid } of owners) {
    const set = dependents.get(uid) ?? new Set()
    dependents.set(uid, set.add(key))
  }
  if (owners.length === 0) ownersOf.delete(key)
  else ownersOf.set(key, owners)
  return before
}

async function collect(context: ControllerContext, graph: Graph, key: string): Promise<void> {
  const object = context.core.storage.get(key)
  const target = object && targetOf(context, key)
  if (!object || !target) return
  const { finalizers = [], deletionTimestamp } = object.metadata
  if (deletionTimestamp !== undefined && finalizers.includes(orphan)) {
    await orphanDependents(context, graph, object)
    await dropFinalizer(context, target, orphan)
  } else if (deletionTimestamp !== undefined && finalizers.includes(foreground)) {
    await deleteDependents(context, graph, { object, target })
  } else if (deletionTimestamp === undefined) {
    await checkOwners(context, object, target)
  }
}

/** Deletes an object none of whose owners is there; forgets those of several that are gone. */
async function checkOwners(
  context: ControllerContext,
  object: KubeObject,
  target: SystemTarget,
): Promise<void> {
  const owners = object.metadata.ownerReferences ?? []
  const gone = owners.filter((it) => ownerState(context, object, it) === 'gone')
  if (gone.length === 0) return
  if (gone.length < owners.length) {
    await dropOwners(context, target, gone)
    return
  }
  await remove(context, target, 'Background')
}

type OwnerState = 'there' | 'gone' | 'unknown'

function ownerState(
  { core }: ControllerContext,
  { metadata }: KubeObject,
  owner: OwnerReference,
): OwnerState {
  const { group, version } = parseApiVersion(owner.apiVersion)
  const resource = core.registry.findKind(group, version, owner.kind)
  // A kind that is not served any more may come back; its dependents wait.
  if (!resource) return 'unknown'
  const namespace = resource.namespaced ? (metadata.namespace ?? '') : ''
  const stored = core.storage.get(storageKey(resource, namespace, owner.name))
  return stored?.metadata.uid === owner.uid ? 'there' : 'gone'
}

async function deleteDependents(
  context: ControllerContext,
  graph: Graph,
  { object, target }: { readonly object: KubeObject; readonly target: SystemTarget },
): Promise<void> {
  const keys = [...(graph.dependents.get(object.metadata.uid ?? '') ?? [])]
  let isBlocked = false
  for (const key of keys) {
    const dependent = context.core.storage.get(key)
    const its = dependent && targetOf(context, key)
    if (!dependent || !its) continue
    const reference = dependent.metadata.ownerReferences?.find((it) => it.uid === object.metadata.uid)
    if (!reference) continue
    isBlocked ||= reference.blockOwnerDeletion === true
    // In order: each deletion may set off others.
    if (dependent.metadata.deletionTimestamp === undefined) await remove(context, its, 'Foreground')
  }
  if (!isBlocked) await dropFinalizer(context, target, foreground)
}

async function orphanDependents(context: ControllerContext, graph: Graph, owner: KubeObject): Promise<void> {
  const { uid = '' } = owner.metadata
  for (const key of graph.dependents.get(uid) ?? []) {
    const target = targetOf(context, key)
    const references = context.core.storage.get(key)?.metadata.ownerReferences ?? []
    const own = references.filter((it) => it.uid === uid)
    // In order, before the owner may go.
    if (target && own.length > 0) await dropOwners(context, target, own)
  }
}

async function remove(
  context: ControllerContext,
  target: SystemTarget,
  propagation: 'Background' | 'Foreground',
): Promise<void> {
  const { core } = context
  try {
    await removeObject(core, systemCall(core, target), {
      dryRun: false,
      propagation,
      uid: undefined,
      resourceVersion: undefined,
      gracePeriodSeconds: undefined,
    })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

function dropOwners(
  context: ControllerContext,
  target: SystemTarget,
  gone: readonly OwnerReference[],
): Promise<void> {
  const uids = new Set(gone.map((it) => it.uid))
  return changeMeta(context, target, (object) => {
    const kept = (object.metadata.ownerReferences ?? []).filter((it) => !uids.has(it.uid))
    return withMeta(object, { ownerReferences: kept.length === 0 ? undefined : kept })
  })
}

function dropFinalizer(context: ControllerContext, target: SystemTarget, name: string): Promise<void> {
  return changeMeta(context, target, (object) => {
    const kept = (object.metadata.finalizers ?? []).filter((it) => it !== name)
    return withMeta(object, { finalizers: kept.length === 0 ? undefined : kept })
  })
}

async function changeMeta(
  { core, manager }: ControllerContext,
  target: SystemTarget,
  next: (object: KubeObject) => KubeObject,
): Promise<void> {
  try {
    const call = systemCall(core, target)
    const context = writeContext(call.resource, { manager, subresource: '', now: timestamp(core.clock) })
    await changeObject(core, call, {
      dryRun: false,
      isConditional: () => false,
      next: (current) => recordUpdate(current, next(current), context),
    })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

function targetOf({ core }: ControllerContext, key: string): SystemTarget | undefined {
  const parts = keyParts(key)
  const resource = parts && core.registry.stored(parts.group, parts.plural)
  return resource && { ...parts, group: resource.group, version: resource.version, plural: resource.plural }
}

function keyOfOwner(
  { core }: ControllerContext,
  dependent: string,
  owner: OwnerReference,
): string | undefined {
  const { group, version } = parseApiVersion(owner.apiVersion)
  const resource = core.registry.findKind(group, version, owner.kind)
  return resource && storageKey(resource, keyParts(dependent)?.namespace ?? '', owner.name)
}
