import { jsonEqual } from '@sluice/merge'
import type { KubeObject } from '@sluice/ports'
import { validateCustom } from '../crd/custom-validation.ts'
import { validateMeta, validateMetaUpdate } from '../kinds/object-meta.ts'
import { strategyOf } from '../kinds/strategies.ts'
import { warningsOf } from '../kinds/warnings.ts'
import { storageKey } from '../registry/api-resource.ts'
import { conflict, invalid, modified, notFound } from '../status/status-error.ts'
import { isStorageError } from '../storage/storage.ts'
import type { AdmissionRequest, Call, Core } from './call.ts'
import { fromStorage, toStorage } from './convert.ts'
import { timestamp, withMeta } from './metadata.ts'
import { floatsOfCall } from './whole-floats.ts'

/** A change to an object that is there, worked out anew whenever someone else was faster. */
export type Change = {
  /** @param current in the version of the request */
  readonly next: (current: KubeObject) => KubeObject
  readonly dryRun: boolean
  /** Whether losing a race is the caller's business: it named a resourceVersion. */
  readonly isConditional: (next: KubeObject) => boolean
  /** Whether the generation stays though the spec changes: a pod that gets its node is still the pod that was wanted. */
  readonly keepsGeneration?: boolean
}

const maxAttempts = 30

/**
 * Reads, changes and stores an object until no one interferes.
 *
 * @returns the object as stored, in its storage version
 * @throws {ApiError} NotFound, Conflict, Invalid, or what `next` throws
 */
export async function changeObject(core: Core, call: Call, change: Change): Promise<KubeObject> {
  const { resource, namespace, name } = call
  const key = storageKey(resource, namespace, name)
  for (let attempt = 1; ; attempt += 1) {
    const stored = core.storage.get(key)
    if (!stored) throw notFound(resource, name)
    const current = fromStorage(stored, resource)
    const wanted = change.next(current)
    checkVersion(call, wanted, current)
    const next = finish(core, call, { wanted, current, change })
    if (sameButTimes(next, current)) return stored
    const precondition = { kind: 'at', resourceVersion: stored.metadata.resourceVersion ?? '' } as const
    const isLast = isFinished(next, call)
    if (change.dryRun) return next
    try {
      // One attempt after the other: each begins from what the last one lost to.
      if (!isLast) return await core.storage.put(key, toStorage(next, resource), precondition)
      await core.storage.put(key, toStorage(next, resource), precondition)
      const last = core.storage.get(key)
      if (last) {
        await core.storage.delete(key, { kind: 'at', resourceVersion: last.metadata.resourceVersion ?? '' })
      }
      return last ?? next
    } catch (error) {
      if (!isStorageError(error, 'PRECONDITION_FAILED')) throw error
      if (change.isConditional(wanted) || attempt >= maxAttempts) throw conflict(resource, name, modified)
    }
  }
}

function checkVersion({ resource, name }: Call, wanted: KubeObject, current: KubeObject): void {
  const { resourceVersion = '' } = wanted.metadata
  if (resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(resource, name, modified)
  }
}

type Finish = { readonly wanted: KubeObject; readonly current: KubeObject; readonly change: Change }

function finish(core: Core, call: Call, { wanted, current, change }: Finish): KubeObject {
  const { resource, name } = call
  const strategy = strategyOf(resource)
  const context = { ...core, subresource: call.subresource, now: timestamp(core.clock) }
  const carried = carryMeta(wanted, current)
  const prepared = strategy.prepareUpdate?.(carried, current, context) ?? carried
  const counts = !change.keepsGeneration && (strategy.hasGeneration || resource.custom !== undefined)
  const counted = counts && specChanged(prepared, current) ? bumped(prepared, current) : prepared
  const request: AdmissionRequest = {
    operation: 'UPDATE',
    call,
    object: counted,
    oldObject: current,
    dryRun: change.dryRun,
  }
  const admitted = core.admission.mutate(request, counted)
  const ofState = strategy.validate?.(admitted) ?? []
  const ofSchema = resource.custom
    ? validateCustom(admitted, {
        custom: resource.custom,
        old: current,
        warnings: call.warnings,
        floats: floatsOfCall(call),
      })
    : []
  const ofChange = strategy.validateUpdate?.(admitted, current, context) ?? []
  const errors = [
    // Named twice, as Kubernetes does: once for all kinds and once for this one.
    ...validateMetaUpdate(admitted, current),
    ...validateMetaUpdate(admitted, current),
    ...validateMeta(admitted, { namespaced: resource.namespaced, nameProblem: strategy.nameProblem }),
    ...ofSchema,
    ...(strategy.updateRulesFirst ? [...ofChange, ...ofState] : [...ofState, ...ofChange]),
  ]
  if (errors.length > 0) throw invalid(resource, name, errors)
  if (call.subresource === '') call.warnings.push(...warningsOf(admitted, current))
  core.admission.validate({ ...request, object: admitted })
  return admitted
}

/** Metadata that only the server writes stays as it is. */
function carryMeta(next: KubeObject, current: KubeObject): KubeObject {
  const { metadata: own } = next
  const { metadata: old } = current
  return withMeta(next, {
    name: own.name ?? old.name,
    namespace: old.namespace,
    uid: own.uid === undefined || own.uid === '' ? old.uid : own.uid,
    creationTimestamp: old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
    generation: old.generation,
    generateName: own.generateName ?? old.generateName,
    resourceVersion: old.resourceVersion,
  })
}

function bumped(next: KubeObject, current: KubeObject): KubeObject {
  return withMeta(next, { generation: (current.metadata.generation ?? 0) + 1 })
}

/** Whether anything but metadata and status differs. */
function specChanged(next: KubeObject, current: KubeObject): boolean {
  const { metadata: _, status: __, ...a } = next
  const { metadata: ___, status: ____, ...b } = current
  return !jsonEqual(a, b)
}

/** Whether nothing has changed but the times of managed fields, which then do not count. */
function sameButTimes(next: KubeObject, current: KubeObject): boolean {
  const { metadata: _, ...a } = next
  const { metadata: __, ...b } = current
  return jsonEqual(a, b) && jsonEqual(metaWithoutTimes(next), metaWithoutTimes(current))
}

function metaWithoutTimes({ metadata }: KubeObject): object {
  const managedFields = (metadata.managedFields ?? []).map((entry) => ({ ...entry, time: undefined }))
  return { ...metadata, managedFields }
}

/** Whether an object was only kept by its finalizers and is now free to go. */
export function isFinished(object: KubeObject, { resource }: Pick<Call, 'resource'>): boolean {
  const { metadata } = object
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    !strategyOf(resource).staysWhenDeleted?.(object)
  )
}
