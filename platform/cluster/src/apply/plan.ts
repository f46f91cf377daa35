import { type JsonValue, type KubeObject, parseApiVersion } from '@sluice/ports'
import { isApiError } from '../api-error.ts'
import { keyOf } from '../client/requests.ts'
import type { Resource } from '../cluster.ts'
import { isAlreadyApplied } from './already-applied.ts'
import { ApplyError, dryRunError, isImmutableError } from './apply-error.ts'
import type { ApplyCleanup, ApplyOptions } from './apply-options.ts'
import type { Change } from './change-set.ts'
import { hasDrifted, respectIgnored } from './drift.ts'
import { escapeSegment } from './json-pointer.ts'
import { takeOverFields } from './managed-fields.ts'
import { matchesMetadata } from './metadata-match.ts'
import { idOf } from './object-id.ts'

/** What is to be done with one object: `apply` is absent where nothing is to be written. */
export type Plan = {
  readonly change: Change
  readonly apply?: { readonly resource: Resource; readonly object: KubeObject }
}

/** How often to look whether an object that is being replaced is gone. */
const pollMs = 2_000

/** Finds out by a dry run what applying `desired` would do, and takes over what other managers have applied. */
export async function planApply(desired: KubeObject, options: ApplyOptions): Promise<Plan> {
  const { signal, cluster } = options
  const { resource, live } = await findLive(desired, options)
  if (isSkipped(desired, live, options)) return { change: changeOf(live ?? desired, 'skipped') }

  const cleanup = live ? cleanupPatch(desired, live, options) : []
  if (live && cleanup.length === 0 && isAlreadyApplied(desired, live, options.fieldManager)) {
    return { change: changeOf(live, 'unchanged') }
  }
  const { wouldBe, isFree } = await dryRun(desired, { resource, live, options })
  if (!live || isFree) {
    return { change: changeOf(wouldBe, 'created'), apply: { resource, object: desired } }
  }
  if (cleanup.length > 0) {
    try {
      const write = { signal, fieldManager: options.fieldManager }
      await cluster.patch(resource, keyOf(live), { ...write, patch: { kind: 'json', body: cleanup } })
    } catch (cause) {
      throw new ApplyError('CLEANUP_FAILED', idOf(live), 'metadata.managedFields cleanup failed', { cause })
    }
  }
  const ignored = options.ignoredPointers?.(wouldBe) ?? []
  if (cleanup.length === 0 && !hasDrifted(live, wouldBe, ignored)) {
    return { change: changeOf(wouldBe, 'unchanged') }
  }
  const object = respectIgnored(desired, { live, wouldBe, ignored, applier: options.fieldManager })
  return { change: changeOf(wouldBe, 'configured'), apply: { resource, object } }
}

export function changeOf(object: KubeObject, action: Change['action']): Change {
  return { id: idOf(object), version: parseApiVersion(object.apiVersion).version, action }
}

/** The object as it is, if it is there. */
export async function findLive(
  desired: KubeObject,
  options: ApplyOptions,
): Promise<{ readonly resource: Resource; readonly live: KubeObject | undefined }> {
  const resource = await resourceOf(desired, options)
  return { resource, live: await readLive(resource, desired, options) }
}

async function resourceOf(desired: KubeObject, { cluster, signal }: ApplyOptions): Promise<Resource> {
  try {
    return await cluster.resourceFor(desired.apiVersion, desired.kind, { signal })
  } catch (cause) {
    throw dryRunError(idOf(desired), desired, cause)
  }
}

async function readLive(
  resource: Resource,
  desired: KubeObject,
  { cluster, signal }: ApplyOptions,
): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(resource, keyOf(desired), { signal })
  } catch (error) {
    // Any other trouble shows in the dry run, whose error says more.
    if (signal.aborted) throw error
    return undefined
  }
}

/** Excluded by the desired or the live object, or there already and wanted only where it is absent. */
export function isSkipped(desired: KubeObject, live: KubeObject | undefined, options: ApplyOptions): boolean {
  const { excluded, ifNotPresent } = options
  if (matchesMetadata(desired, excluded)) return true
  return live !== undefined && (matchesMetadata(live, excluded) || matchesMetadata(desired, ifNotPresent))
}

/** `isFree`: what was in the way has been deleted, so that the object will be a new one. */
async function dryRun(
  desired: KubeObject,
  {
    resource,
    live,
    options,
  }: { readonly resource: Resource; readonly live: KubeObject | undefined; readonly options: ApplyOptions },
): Promise<{ readonly wouldBe: KubeObject; readonly isFree: boolean }> {
  try {
    return { wouldBe: await tryApply(resource, desired, options), isFree: false }
  } catch (error) {
    const { cause } = error as ApplyError
    if (!live || !isImmutableError(cause) || !isForced(desired, live, options)) throw error
    await removeForRecreation(resource, live, options)
  }
  return { wouldBe: await tryApply(resource, desired, options), isFree: true }
}

/** The object as applying would make it. @throws {ApplyError} */
export async function tryApply(
  resource: Resource,
  desired: KubeObject,
  { cluster, signal, fieldManager }: ApplyOptions,
): Promise<KubeObject> {
  try {
    return await cluster.apply(resource, desired, { signal, fieldManager, force: true, dryRun: true })
  } catch (cause) {
    throw dryRunError(idOf(desired), desired, cause)
  }
}

export function isForced(desired: KubeObject, live: KubeObject, { force, forced }: ApplyOptions): boolean {
  return force === true || matchesMetadata(desired, forced) || matchesMetadata(live, forced)
}

async function removeForRecreation(
  resource: Resource,
  live: KubeObject,
  { cluster, clock, signal }: ApplyOptions,
): Promise<void> {
  const [id, key] = [idOf(live), keyOf(live)]
  try {
    await cluster.delete(resource, key, { signal, propagationPolicy: 'Background' })
  } catch (cause) {
    if (isApiError(cause, 'NotFound')) return
    const message = 'immutable field detected, failed to delete object'
    throw new ApplyError('RECREATE_FAILED', id, message, { cause })
  }
  try {
    // Finalizers may hold it: poll until the name is free.
    for (;;) {
      const current: KubeObject = await cluster.get(resource, key, { signal })
      if (current.metadata.uid !== live.metadata.uid) return
      await clock.sleep(pollMs, signal)
    }
  } catch (cause) {
    if (isApiError(cause, 'NotFound')) return
    const message = 'immutable field detected, failed to wait for object to be deleted'
    throw new ApplyError('RECREATE_FAILED', id, message, { cause })
  }
}

/** JSON patch that removes what other means of applying have left behind. */
export function cleanupPatch(
  desired: KubeObject,
  live: KubeObject,
  options: ApplyOptions,
): readonly JsonValue[] {
  const { cleanup, fieldManager } = options
  if (!cleanup || matchesMetadata(desired, cleanup.exempt) || matchesMetadata(live, cleanup.exempt)) return []
  const managedFields = takeOverFields(live, cleanup.managers ?? [], fieldManager)
  return [
    ...removals(live.metadata.annotations, 'annotations', cleanup),
    ...removals(live.metadata.labels, 'labels', cleanup),
    ...(managedFields ? [{ op: 'replace', path: '/metadata/managedFields', value: managedFields }] : []),
  ]
}

function removals(
  pairs: Readonly<Record<string, string>> | undefined,
  field: 'annotations' | 'labels',
  cleanup: ApplyCleanup,
): readonly JsonValue[] {
  return (cleanup[field] ?? [])
    .filter((key) => pairs && Object.hasOwn(pairs, key))
    .map((key) => ({ op: 'remove', path: `/metadata/${field}/${escapeSegment(key)}` }))
}
