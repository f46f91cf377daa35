import { errorChain } from '@sluice/ports'
import {
  type ConditionEditor,
  type ConditionTable,
  reasons,
  summarizeConditions,
  type ToolkitObject,
} from '@sluice/toolkit'
import type { Next, Outcome } from './outcome.ts'
import { ReconcileFailure } from './reconcile-failure.ts'
import type { Reconciler } from './reconciler.ts'
import type { Run } from './run.ts'

/** How a run ended: with an outcome, or with what was thrown. */
export type Ending =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'failure'; readonly error: unknown }

/**
 * Brings conditions, `observedGeneration` and `lastHandledReconcileAt` to what the ending means, and records the event of
 * a failure.
 *
 * Source: FEATURES of Flux 2.9, §1.1 and §1.2.
 */
export function conclude<T extends ToolkitObject>(run: Run<T>, ending: Ending, table: ConditionTable): Next {
  const next = ending.kind === 'failure' ? fail(run, ending.error, table) : settle(run, ending.outcome, table)
  handleRequest(run)
  return next
}

/**
 * What is written of an object that is suspended: a request counts as handled, the generation as observed, and where the
 * target is a summary, it is that of the conditions as they are.
 *
 * Source: recorded from Flux 2.9.
 */
export function concludeSuspended<T extends ToolkitObject>(
  run: Run<T>,
  { conditions: table, whenSuspended }: Pick<Reconciler<T>, 'conditions' | 'whenSuspended'>,
): void {
  handleRequest(run)
  whenSuspended?.(run)
  if (table.summarize.length > 0) {
    run.conditions.remove('Stalled')
    summarize(run.conditions, table)
  }
  observe(run, table)
}

function handleRequest<T extends ToolkitObject>({ requestedAt, status }: Run<T>): void {
  if (requestedAt === undefined) return
  // Every kind's status has the field; T only narrows what else is there.
  const common: { lastHandledReconcileAt?: string | undefined } = status
  common.lastHandledReconcileAt = requestedAt
}

function settle<T extends ToolkitObject>(run: Run<T>, outcome: Outcome, table: ConditionTable): Next {
  const { conditions } = run
  switch (outcome.kind) {
    case 'done':
      conditions.remove('Reconciling', 'Stalled')
      summarize(conditions, table)
      observe(run, table)
      if (table.summarize.length > 0 && !conditions.is(table.target, 'True')) {
        return { kind: 'backoff', error: new NotReady(conditions.get(table.target)?.message) }
      }
      return outcome.requeueAfter > 0 ? { kind: 'interval', ms: outcome.requeueAfter } : { kind: 'nothing' }
    case 'wait':
      retrying(conditions, table)
      return { kind: 'after', ms: outcome.requeueAfter }
    case 'requeue':
      retrying(conditions, table)
      return { kind: 'backoff' }
    case 'stalled':
      conditions.markStalled(outcome.reason, outcome.message)
      summarize(conditions, table)
      if (!conditions.is(table.target, 'False')) {
        conditions.markFalse(table.target, outcome.reason, outcome.message)
      }
      observe(run, table)
      run.event({
        type: 'Warning',
        reason: outcome.reason,
        message: outcome.message,
        ...(outcome.metadata && { metadata: outcome.metadata }),
      })
      return { kind: 'nothing' }
    case 'said':
      if (outcome.concluded) observe(run, table)
      return outcome.next
  }
}

function fail<T extends ToolkitObject>(run: Run<T>, error: unknown, table: ConditionTable): Next {
  const { conditions } = run
  const failure = asFailure(error)
  const message = errorChain(failure)
  const { condition, says = { reason: failure.reason, message }, event = 'Warning' } = failure.options
  const { metadata, retryAfterMs } = failure.options
  if (condition !== undefined) {
    const status = table.negativePolarity.includes(condition) ? 'True' : 'False'
    conditions.set({ type: condition, status, ...says })
  }
  retrying(conditions, table)
  if (condition === undefined) conditions.markFalse(table.target, failure.reason, message)
  if (event !== 'none') {
    run.event({ type: event, reason: failure.reason, message, ...(metadata && { metadata }) })
  }
  if (retryAfterMs === undefined) return { kind: 'backoff', error }
  run.log.error(error, 'reconciliation failed', { retryAfterMs })
  return { kind: 'after', ms: retryAfterMs }
}

/** Nothing was concluded: not stalled, and if it was being reconciled, then that is to be tried again. */
function retrying(conditions: ConditionEditor, table: ConditionTable): void {
  conditions.remove('Stalled')
  const reconciling = conditions.get('Reconciling')
  if (reconciling) {
    conditions.markTrue('Reconciling', reasons.progressingWithRetry, reconciling.message)
  }
  summarize(conditions, table)
}

function summarize(conditions: ConditionEditor, table: ConditionTable): void {
  const summary = summarizeConditions(conditions.list, table)
  if (summary) conditions.set(summary)
}

/** The generation counts as observed, provided that something was observed of it. */
function observe<T extends ToolkitObject>(run: Run<T>, table: ConditionTable): void {
  if (table.withoutObservedGeneration || run.conditions.list.length === 0) return
  const status: { observedGeneration?: number | undefined } = run.status
  status.observedGeneration = run.object.metadata.generation
}

function asFailure(error: unknown): ReconcileFailure {
  if (error instanceof ReconcileFailure) return error
  return new ReconcileFailure(reasons.failed, errorChain(error))
}

/** A run came to its end without failing, yet its conditions say that the object is not ready. */
class NotReady extends ReconcileFailure {
  constructor(message = 'object is not ready') {
    super(reasons.failed, message)
  }
}
