import {
  durationText,
  elapsedText,
  explainsErrors,
  maxExplained,
  observedCluster,
  targetCluster,
} from '@sluice/applier'
import { type ChangeSet, inventoryDifference, inventoryOf } from '@sluice/cluster'
import { errorChain, type KubeObject, ToolkitError } from '@sluice/ports'
import { type Outcome, type Run, RunInterruption } from '@sluice/runtime'
import { annotations, conditionTypes, type Kustomization, messages, reasons } from '@sluice/toolkit'
import { announce, emit, revisionMetadata } from '../run-context.ts'
import { intervalMs, retryIntervalMs } from '../timing.ts'
import { type Applied, applyObjects, prepareObjects } from './apply.ts'
import { explained } from './explain.ts'
import { awaitHealth, checksHealth, healthTargets } from './health.ts'
import { deleteEntries, pruneLog, survivors } from './prune.ts'
import { hasRevision } from './source.ts'
import { targetOptions } from './target.ts'
import { failure, need, remember, type Step, type Work } from './work.ts'

/** Reaches the cluster to apply to, with the Kustomization's own rights. */
export const reachTarget: Step = async (work) => {
  const { run, object, deps } = work
  const revision = need(work, 'revision')
  await announce(run, 'Building manifests', revision)
  try {
    const target = await targetCluster(
      object,
      targetOptions(deps, { signal: run.signal, configs: work.configs }),
    )
    // What is applied elsewhere cannot be watched from here.
    work.target = object.spec.kubeConfig ? target : observedCluster(target, work.drift)
    return undefined
  } catch (error) {
    run.signal.throwIfAborted()
    // The event says what was attempted, the condition only why it failed.
    const failed = failure(work, reasons.reconciliationFailed, error, { event: 'none' })
    run.conditions.markFalse(conditionTypes.ready, reasons.reconciliationFailed, failed.message)
    emit(run, `failed to build kube client: ${failed.message}`, { revision, type: 'Warning' })
    throw failed
  }
}

/** Applies what was built and notes it in the inventory. */
export const apply: Step = async (work) => {
  const { run, object } = work
  const revision = need(work, 'revision')
  await announce(run, 'Detecting drift', revision)
  const objects = prepareObjects(object, need(work, 'built').objects)
  work.objects = objects
  const known = settledChanges(work)
  if (known) {
    work.changes = known
    work.changed = false
    return undefined
  }
  try {
    const { log } = await applyAndFollow(work, objects)
    work.changed = log !== ''
    if (log !== '') emit(run, log, { revision })
    tellOfDrift(work, log)
  } catch (error) {
    run.signal.throwIfAborted()
    remember(work, reasons.reconciliationFailed)
    throw await explained(work, failure(work, reasons.reconciliationFailed, error), error)
  }
  return undefined
}

async function applyAndFollow(work: Work, objects: readonly KubeObject[]): Promise<Applied> {
  const { run, object, deps, drift } = work
  const mark = drift.settled.mark()
  const isSeen = drift.sees(objects)
  const applied = await applyObjects(object, objects, {
    target: need(work, 'target'),
    clock: deps.clock,
    signal: run.signal,
    options: deps.options ?? {},
    maxFailures: explainsErrors(object) ? maxExplained : 1,
  })
  const { changes } = applied
  work.changes = changes
  if (!object.spec.kubeConfig) {
    await drift.follow(changes, { cluster: deps.caches.cluster, signal: run.signal })
  }
  // What is skipped belongs to nobody here, so nobody tells when it changes.
  if (isSeen && changes.every(({ action }) => action !== 'skipped')) {
    drift.settled.settle(ownerText(object), mark, { key: settledKey(work), changes })
  }
  return applied
}

/**
 * The objects when none of them has to be looked at: the same was applied before, and the watches told of no change since.
 * Somebody else's rights may have been taken away without a word, and whoever asks for a run wants to see one.
 */
function settledChanges(work: Work): ChangeSet | undefined {
  const { object, deps, drift, seenDrift } = work
  const { kubeConfig, serviceAccountName = deps.options?.defaultServiceAccount } = object.spec
  const request = object.metadata.annotations?.[annotations.requestedAt]
  if (kubeConfig || serviceAccountName || seenDrift.size > 0) return undefined
  if (request !== undefined && request !== object.status?.lastHandledReconcileAt) return undefined
  return drift.settled.find(ownerText(object), settledKey(work))
}

function settledKey(work: Work): string {
  return `${need(work, 'built').digest} ${work.object.metadata.generation}`
}

function ownerText({ metadata: { namespace = '', name = '' } }: Kustomization): string {
  return `${namespace}/${name}`
}

/** Names the fields of objects that somebody else had changed and that are put back now. */
function tellOfDrift({ run, seenDrift, revision }: Work, log: string): void {
  const changed = new Set(log.split('\n').map((line) => line.slice(0, line.lastIndexOf(' '))))
  const lines = [...seenDrift].filter(([name]) => changed.has(name)).map(([name, how]) => `${name}: ${how}`)
  if (lines.length === 0) return
  const message = `drift put back\n${lines.join('\n')}`
  run.event({ type: 'Normal', reason: 'DriftCorrected', message, metadata: revisionMetadata(revision ?? {}) })
}

/** Deletes what the source no longer has. */
export const prune: Step = async (work) => {
  const { run, object } = work
  const before = run.status.inventory?.entries ?? []
  const entries = inventoryOf(need(work, 'changes'))
  run.status.inventory = { entries }
  const stale = inventoryDifference(before, entries)
  if (!object.spec.prune || stale.length === 0) return undefined
  try {
    const changes = await deleteEntries(object, stale, { target: need(work, 'target'), signal: run.signal })
    if (changes.length > 0) emit(run, pruneLog(changes), { revision: need(work, 'revision') })
  } catch (error) {
    run.signal.throwIfAborted()
    run.status.inventory = { entries: [...entries, ...survivors(stale, error)] }
    remember(work, reasons.pruneFailed)
    throw failure(work, reasons.pruneFailed, error)
  }
  return undefined
}

/** Waits until what was applied, or what is named, is healthy. */
export const checkHealth: Step = async (work) => {
  const { run, object } = work
  const { conditions } = run
  const targets = checksHealth(object) ? healthTargets(object, need(work, 'changes')) : []
  if (targets.length === 0) {
    conditions.remove(conditionTypes.healthy)
    return undefined
  }
  const wasHealthy = conditions.is(conditionTypes.healthy, 'True')
  await announce(run, 'Running health checks', need(work, 'revision'))
  const startedAt = work.deps.clock.now()
  const took = () => elapsedText(work.deps.clock.now() - startedAt)
  try {
    const wait = (signal: AbortSignal) =>
      awaitHealth(object, targets, {
        target: need(work, 'target'),
        clock: work.deps.clock,
        failFast: work.deps.options?.gates?.failFast ?? true,
        signal,
        healthOf: need(work, 'healthOf'),
        applied: work.objects ?? [],
      })
    const mayEndEarly = work.deps.options?.gates?.cancelHealthCheckOnNewRevision ?? false
    await wait(mayEndEarly ? AbortSignal.any([run.signal, run.interruption]) : run.signal)
  } catch (cause) {
    run.signal.throwIfAborted()
    if (cause instanceof RunInterruption) return endEarly(work, cause)
    conditions.markFalse(conditionTypes.healthy, reasons.healthCheckFailed, errorChain(cause))
    remember(work, reasons.healthCheckFailed)
    const error = new ToolkitError('UNHEALTHY', `health check failed after ${took()}`, { cause })
    throw failure(work, reasons.healthCheckFailed, error)
  }
  const message = `Health check passed in ${took()}`
  if (!wasHealthy || (isNewRevision(work) && work.changed)) {
    emit(run, message, { revision: need(work, 'revision') })
  }
  conditions.markTrue(conditionTypes.healthy, reasons.succeeded, message)
  return undefined
}

/** What is healthy is no longer of interest: the queue has the next run already. */
function endEarly(work: Work, { message, trigger }: RunInterruption): Outcome {
  const { run } = work
  run.conditions.markFalse(conditionTypes.healthy, reasons.healthCheckCanceled, message)
  run.conditions.markFalse(conditionTypes.ready, reasons.healthCheckCanceled, message)
  emit(run, `Health checks canceled due to new reconciliation triggered by ${trigger}`, {
    revision: need(work, 'revision'),
  })
  return { kind: 'wait', requeueAfter: retryIntervalMs(work.object.spec) }
}

/** The object is ready. */
export const finish: Step = async (work) => {
  const { run, object } = work
  const { revision, originRevision } = need(work, 'revision')
  run.status.lastAppliedRevision = revision
  run.status.lastAppliedOriginRevision = originRevision
  run.conditions.markTrue(
    conditionTypes.ready,
    reasons.reconciliationSucceeded,
    messages.appliedRevision(revision),
  )
  remember(work, reasons.reconciliationSucceeded)
  announceEnd(run, work)
  return { kind: 'done', requeueAfter: intervalMs(object.spec) }
}

/** The event by which commit statuses are set. */
export function announceEnd(run: Run<Kustomization>, { deps, object }: Pick<Work, 'deps' | 'object'>): void {
  const took = elapsedText(deps.clock.now() - run.startedAt)
  emit(run, messages.reconciliationFinished(took, durationText(intervalMs(object.spec))), {
    revision: {
      revision: run.status.lastAppliedRevision ?? '',
      originRevision: run.status.lastAppliedOriginRevision,
    },
    extra: { commit_status: 'update' },
  })
}

function isNewRevision({ source, run }: Work): boolean {
  return !source?.artifact || !hasRevision(source.artifact, run.object.status?.lastAppliedRevision)
}
