import type { Cluster, ObjectKey, WatchCache } from '@sluice/cluster'
import type { Clock, KubeObject, Logger } from '@sluice/ports'
import { DecodeError, type ToolkitObject } from '@sluice/toolkit'
import { conclude, concludeSuspended, type Ending } from './conclude.ts'
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts'
import { guardedPatch } from './guarded-patch.ts'
import type { MergePatch } from './merge-diff.ts'
import type { Next, Outcome } from './outcome.ts'
import type { Reconciler } from './reconciler.ts'
import type { Run, RunEvent } from './run.ts'
import { startRun } from './start-run.ts'

/** What the reconcile loop of one kind works with. */
export type LoopOptions = {
  /** The objects of the kind, as far as they are this process' concern. */
  readonly cache: WatchCache
  /** With the responses of writes taken into the caches. */
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** See {@link Run.interruption}. */
  readonly interruption: AbortSignal
  readonly record: (object: KubeObject, event: RunEvent) => void
}

const nothing: Next = { kind: 'nothing' }

/** One turn of the loop for one object: finalizer, deletion, suspend, then the kind's own steps and what they mean. */
export async function reconcileKey<T extends ToolkitObject>(
  key: ObjectKey,
  reconciler: Reconciler<T>,
  options: LoopOptions,
): Promise<Next> {
  const found = options.cache.get(key)
  if (!found) return nothing
  const { finalizer } = reconciler
  if (found.metadata.deletionTimestamp !== undefined) return finalize(found)
  if (reconciler.isStatic) {
    const data = decodeOrLog(found, reconciler, options.log)
    if (data && reconciler.isStatic(data)) return leaveAlone(data)
  }

  const object =
    finalizer === undefined
      ? found
      : await patchMetadata(found, (it) =>
          it.metadata.deletionTimestamp === undefined ? addFinalizer(it, finalizer) : undefined,
        )
  if (!object || object.metadata.deletionTimestamp !== undefined) return nothing
  const decoded = decodeOrLog(object, reconciler, options.log)
  if (!decoded) return nothing
  if (isSuspended(decoded, reconciler)) {
    options.log.info('reconciliation is suspended for this object')
    if (reconciler.answersWhileSuspended) {
      const run = start(decoded)
      concludeSuspended(run, reconciler)
      await run.saveStatus()
    }
    return nothing
  }
  return reconcile(decoded)

  /** Takes away what the object has from a time when there was something to reconcile. */
  async function leaveAlone(data: T): Promise<Next> {
    if (finalizer !== undefined && hasFinalizer(data, finalizer)) {
      await reconciler.finalize?.(start(data))
      await patchMetadata(data, (it) => removeFinalizer(it, finalizer))
    }
    const { fieldManager, resource } = reconciler
    const { cluster, signal } = options
    const target = { cluster, resource, key, fieldManager, signal, subresource: 'status' } as const
    await guardedPatch(data, clearStatus, target)
    return nothing
  }

  async function reconcile(subject: T): Promise<Next> {
    const run = start(subject)
    const ending = await endingOf(() => reconciler.reconcile(run))
    // The process stops: what was under way says nothing about the object.
    if (ending.kind === 'failure' && options.signal.aborted) return nothing
    const next = conclude(run, ending, reconciler.conditions)
    await run.saveStatus()
    return next
  }

  async function finalize(dying: KubeObject): Promise<Next> {
    if (finalizer === undefined || !hasFinalizer(dying, finalizer)) return nothing
    const subject = decodeOrLog(dying, reconciler, options.log)
    // An object that cannot be read owns nothing that could be found.
    const outcome = subject && (await reconciler.finalize?.(start(subject)))
    if (outcome) return nextOfFinalizing(outcome)
    await patchMetadata(dying, (it) => removeFinalizer(it, finalizer))
    return nothing
  }

  function start(subject: T): Run<T> {
    return startRun(subject, {
      ...options,
      resource: reconciler.resource,
      fieldManager: reconciler.fieldManager,
      table: reconciler.conditions,
      record: (event) => options.record(subject, event),
    })
  }

  function patchMetadata(
    known: KubeObject,
    patchFor: (object: KubeObject) => MergePatch | undefined,
  ): Promise<KubeObject | undefined> {
    const { fieldManager, resource } = reconciler
    const { cluster, signal } = options
    return guardedPatch(known, patchFor, { cluster, resource, key, fieldManager, signal })
  }
}

/** The patch that empties the status, if there is anything in it. */
function clearStatus({ status }: KubeObject): MergePatch | undefined {
  const fields = typeof status === 'object' && status !== null ? Object.keys(status) : []
  if (fields.length === 0) return undefined
  return { status: Object.fromEntries(fields.map((field) => [field, null])) }
}

/** Whether reconciling is switched off for `object`. */
export function isSuspended<T extends ToolkitObject>(object: T, reconciler: Reconciler<T>): boolean {
  return reconciler.isSuspended ? reconciler.isSuspended(object) : object.spec.suspend === true
}

/** `object` as the kind knows it, or `undefined` when it is not of that shape. */
export function tryDecode<T extends ToolkitObject>(
  object: KubeObject,
  reconciler: Reconciler<T>,
): T | undefined {
  try {
    return reconciler.decode(object)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function decodeOrLog<T extends ToolkitObject>(
  object: KubeObject,
  reconciler: Reconciler<T>,
  log: Logger,
): T | undefined {
  try {
    return reconciler.decode(object)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    log.error(error, 'object cannot be read')
    return undefined
  }
}

async function endingOf(work: () => Promise<Outcome>): Promise<Ending> {
  try {
    return { kind: 'outcome', outcome: await work() }
  } catch (error) {
    return { kind: 'failure', error }
  }
}

function nextOfFinalizing(outcome: Outcome): Next {
  switch (outcome.kind) {
    case 'done':
    case 'wait':
      return { kind: 'after', ms: outcome.requeueAfter }
    case 'requeue':
      return { kind: 'backoff' }
    case 'stalled':
      return nothing
    case 'said':
      return outcome.next
  }
}
