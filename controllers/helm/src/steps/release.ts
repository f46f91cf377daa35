import { durationText } from '@sluice/applier'
import type { Release } from '@sluice/chart'
import { isSnapshotOf } from '@sluice/delivery'
import { parseDurationMs } from '@sluice/go'
import { errorChain } from '@sluice/ports'
import { type Outcome, RunInterruption } from '@sluice/runtime'
import { conditionTypes, type ReleaseSnapshot, reasons } from '@sluice/toolkit'
import { correctDrift, reportDrift } from '../actions/correct-drift.ts'
import { deploy } from '../actions/deploy.ts'
import {
  type ActionOutcome,
  done,
  type ReleaseContext,
  releaseContext,
  setHistory,
} from '../actions/release-context.ts'
import { rollBack, uninstallToRemediate } from '../actions/remediate.ts'
import { observedDigests, summarize } from '../actions/summarize.ts'
import { test } from '../actions/test.ts'
import { unlock } from '../actions/unlock.ts'
import { followRelease } from '../drift/watch.ts'
import { helmReasons } from '../reasons.ts'
import { type NextAction, nextAction } from '../state/next-action.ts'
import { activePolicy, isExhausted, retryPauseMs, timeoutMs } from '../state/policy.ts'
import { type ReleaseState, releaseState, StateError } from '../state/release-state.ts'
import { specialRequest } from '../state/requests.ts'
import { type HelmStep, need, notReady, type Work } from '../work.ts'
import { noteOldSuccess } from './old-status.ts'
import { settleInSync } from './settle.ts'
import { chartFailure } from './source.ts'

/** Actions of one sort run once in a run. */
type Sort = 'release' | 'remediation' | 'test' | 'unlock' | 'correction'

type Plan =
  | { readonly kind: 'act'; readonly action: NextAction; readonly sort: Sort; readonly name: ActionName }
  | { readonly kind: 'end'; readonly outcome: Outcome }

type ActionName =
  | 'install'
  | 'upgrade'
  | 'test'
  | 'rollback'
  | 'uninstall'
  | 'unlock'
  | 'correct cluster drift'

/**
 * Brings the release to what is wanted, action by action: each follows from the state that the one before left. A run ends
 * when nothing is left to do, when a failure was undone, or when the same would have to be done again.
 *
 * Source: helm-controller of Flux 2.9; FEATURES §6.3.
 */
export const settleRelease: HelmStep = async (work) => {
  const outcome = await settle(work)
  return canceled(work, outcome) ?? outcome
}

async function settle(work: Work): Promise<Outcome> {
  const context = releaseContext(work, { cluster: need(work, 'target'), ...work.names })
  const sorts = new Set<Sort>()
  for (;;) {
    work.run.signal.throwIfAborted()
    // Each action depends on what the one before it left.
    const plan = await decide(context)
    if (plan.kind === 'end') {
      await followRelease(work)
      return plan.outcome
    }
    if (sorts.has(plan.sort)) return putOff(work)
    const obstacle = plan.sort === 'release' ? await prepareChart(work) : undefined
    if (obstacle) return obstacle
    await announce(work, plan)
    context.begin()
    const { error } = await perform(context, plan.action)
    if (error) return cannot(work, plan.name, error)
    if (plan.sort === 'remediation') return afterRemediation(work)
    sorts.add(plan.sort)
    await work.run.saveStatus()
  }
}

/**
 * A run that came to no good end after another one was asked for says so: it may have given up waiting because of that, and
 * the other one follows.
 */
function canceled({ run, deps }: Work, outcome: Outcome): Outcome | undefined {
  const { reason } = run.interruption
  if (!deps.options?.gates?.cancelHealthCheckOnNewRevision || !(reason instanceof RunInterruption)) {
    return undefined
  }
  if (isGoodEnd(outcome) && run.conditions.get(conditionTypes.reconciling) === undefined) return undefined
  run.conditions.markFalse(conditionTypes.ready, reasons.healthCheckCanceled, reason.message)
  run.event({
    type: 'Normal',
    reason: reasons.healthCheckCanceled,
    message: `Health checks canceled due to new reconciliation triggered by ${reason.trigger}`,
  })
  return { kind: 'said', concluded: false, next: { kind: 'backoff' } }
}

/** Whether nothing is left to be tried before the interval is over. */
function isGoodEnd(outcome: Outcome): boolean {
  return outcome.kind === 'said' && outcome.concluded && outcome.next.kind === 'interval'
}

/** Has the chart at hand before anything is said to be done with it: it may be gone by now. */
async function prepareChart(work: Work): Promise<Outcome | undefined> {
  try {
    await need(work, 'chart').load()
    return undefined
  } catch (error) {
    work.run.signal.throwIfAborted()
    return chartFailure(work, error)
  }
}

/** What the present state calls for. */
async function decide(context: ReleaseContext): Promise<Plan> {
  const { work } = context
  const { run, object, deps } = work
  let records: readonly Release[]
  let state: ReleaseState
  try {
    records = await readRecords(context)
    state = await determine(context, records.at(-1))
  } catch (error) {
    run.signal.throwIfAborted()
    const message = `Could not determine release state: ${errorChain(error)}`
    return {
      kind: 'end',
      outcome: notReady(work, helmReasons.stateError, message, { kind: 'backoff', error }),
    }
  }
  const force = specialRequest(object, { annotation: 'forceAt', handled: run.status.lastHandledForceAt })
  if (force.token !== undefined) run.status.lastHandledForceAt = force.token
  const { action, history } = nextAction(state, {
    spec: object.spec,
    status: run.status,
    isForced: force.isDue,
    retriesByDefault: deps.options?.gates?.defaultToRetryOnFailure,
    isUnchanged: (snapshot) => isRecorded(snapshot, records),
  })
  setHistory(run, history)
  if (state.kind === 'drifted') reportDrift(context, state.drift)
  settleInSync(work, state, action)
  return planOf(work, action)
}

async function readRecords({ client, work }: ReleaseContext): Promise<readonly Release[]> {
  try {
    return await client.history(work.run.signal)
  } catch (cause) {
    throw new StateError('failed to retrieve last release from storage', { cause })
  }
}

/** How the release stands. @throws {StateError} */
export async function determine(
  context: ReleaseContext,
  release: Release | undefined,
): Promise<ReleaseState> {
  const { run, object } = context.work
  const { spec } = object
  const policy = activePolicy(spec, run.status)
  const digests = observedDigests(spec)
  const chart = need(context.work, 'chart')
  const state = releaseState({
    release,
    status: { ...run.status, observedGeneration: object.status?.observedGeneration ?? -1 },
    desired: {
      chartName: chart.name,
      chartVersion: chart.version,
      configDigest: need(context.work, 'configDigest'),
      postRenderersDigest: digests.postRenderers,
      commonMetadataDigest: digests.commonMetadata,
      generation: object.metadata.generation ?? 0,
    },
    test: spec.test ?? {},
    testsCount: policy !== undefined && !policy.ignoreTestFailures,
    isAsObserved: isSnapshotOf,
  })
  const { mode = 'disabled', ignore = [] } = spec.driftDetection ?? {}
  if (state.kind !== 'inSync' || !release || mode === 'disabled') return state
  try {
    const drift = await context.client.drift(release, ignore, run.signal)
    return drift.some(({ kind }) => kind !== 'excluded') ? { kind: 'drifted', drift } : state
  } catch (cause) {
    throw new StateError('unable to determine cluster state', { cause })
  }
}

function isRecorded(snapshot: ReleaseSnapshot, records: readonly Release[]): boolean {
  const record = records.find(({ revision }) => revision === snapshot.version)
  return record !== undefined && isSnapshotOf(snapshot, record)
}

function planOf(work: Work, action: NextAction): Plan {
  switch (action.kind) {
    case 'install':
    case 'upgrade':
      return { kind: 'act', action, sort: 'release', name: action.kind }
    case 'rollback':
    case 'uninstall':
      return { kind: 'act', action, sort: 'remediation', name: action.kind }
    case 'test':
      return { kind: 'act', action, sort: 'test', name: 'test' }
    case 'unlock':
      return { kind: 'act', action, sort: 'unlock', name: 'unlock' }
    case 'correct':
      return { kind: 'act', action, sort: 'correction', name: 'correct cluster drift' }
    case 'none':
      return { kind: 'end', outcome: finish(work) }
    case 'exhausted':
      return { kind: 'end', outcome: giveUp(work, helmReasons.retriesExceeded, attemptsText(work)) }
    case 'noTarget': {
      const why = 'missing target release for rollback: cannot remediate failed release'
      const message = `Failed to perform remediation: ${why}`
      return { kind: 'end', outcome: giveUp(work, helmReasons.missingRollbackTarget, message) }
    }
  }
}

async function perform(context: ReleaseContext, action: NextAction): Promise<ActionOutcome> {
  switch (action.kind) {
    case 'install':
    case 'upgrade':
      return deploy(context, action.kind)
    case 'rollback':
      return rollBack(context, action.target)
    case 'uninstall':
      return uninstallToRemediate(context)
    case 'test':
      return test(context)
    case 'unlock':
      return unlock(context, action.release)
    case 'correct':
      return correctDrift(context, action.drift)
    case 'none':
    case 'exhausted':
    case 'noTarget':
      return done
  }
}

/** Shows the action before it runs, since it may take long. */
async function announce({ run, object }: Work, { name, sort }: Plan & { kind: 'act' }): Promise<void> {
  const limit = timeoutMs(object, name === 'unlock' || name === 'correct cluster drift' ? undefined : name)
  const message = `Running '${name}' action with timeout of ${durationText(limit)}`
  run.conditions.markReconciling(reasons.progressing, message)
  // Other actions follow a failure that Ready goes on telling of.
  if (sort === 'release') run.conditions.markUnknown(conditionTypes.ready, reasons.progressing, message)
  await run.saveStatus()
}

function finish(work: Work): Outcome {
  work.run.conditions.remove(conditionTypes.reconciling)
  summarize(work)
  noteOldSuccess(work)
  const ms = parseDurationMs(work.object.spec.interval)
  return { kind: 'said', concluded: true, next: { kind: 'interval', ms } }
}

function giveUp(work: Work, reason: string, message: string): Outcome {
  const { conditions } = work.run
  // Nothing is in progress any more.
  if (conditions.is(conditionTypes.ready, 'Unknown')) summarize(work)
  conditions.markStalled(reason, message)
  return { kind: 'said', concluded: true, next: { kind: 'nothing' } }
}

function attemptsText({ run, object }: Work): string {
  const failures = activePolicy(object.spec, run.status)?.failures ?? 0
  return `Failed to ${run.status.lastAttemptedReleaseAction} after ${failures} attempt(s)`
}

/** The same again is left to another run. */
function putOff(work: Work): Outcome {
  const { run, object } = work
  const retry = retryLater(work)
  if (retry) return retry
  const policy = activePolicy(object.spec, run.status)
  if (!policy || !isExhausted(policy)) return tryAgain(work)
  run.conditions.remove(conditionTypes.reconciling)
  const ms = parseDurationMs(object.spec.interval)
  return { kind: 'said', concluded: true, next: { kind: 'interval', ms } }
}

function afterRemediation(work: Work): Outcome {
  const { run, object } = work
  const retry = retryLater(work)
  if (retry) return retry
  const policy = activePolicy(object.spec, run.status)
  if (!policy || !isExhausted(policy) || policy.uninstallsAfterUpgrade) return tryAgain(work)
  return giveUp(work, helmReasons.retriesExceeded, attemptsText(work))
}

/** An action failed without a trace in the records. */
function cannot(work: Work, name: ActionName, error: Error): Outcome {
  const { conditions, log } = work.run
  const retry = retryLater(work)
  if (retry) {
    log.error(error, `failed to run '${name}' action`)
    return retry
  }
  if (conditions.is(conditionTypes.ready, 'True')) {
    conditions.markFalse(conditionTypes.ready, helmReasons.reconcileError, errorChain(error))
  }
  return { kind: 'said', concluded: false, next: { kind: 'backoff', error } }
}

/** Where failures are tried again instead of being undone. */
function retryLater({ run, object, deps }: Work): Outcome | undefined {
  const byDefault = deps.options?.gates?.defaultToRetryOnFailure
  const ms = retryPauseMs(object.spec, run.status, { byDefault })
  if (ms === undefined) return undefined
  run.conditions.markReconciling(reasons.progressingWithRetry, `retrying after ${durationText(ms)}`)
  return { kind: 'said', concluded: true, next: { kind: 'interval', ms } }
}

function tryAgain({ run }: Work): Outcome {
  const message = run.conditions.get(conditionTypes.ready)?.message ?? ''
  run.conditions.markReconciling(reasons.progressingWithRetry, message)
  return { kind: 'said', concluded: false, next: { kind: 'backoff' } }
}
