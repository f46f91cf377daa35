import { parseDurationMs } from '@sluice/go'
import type { Outcome } from '@sluice/runtime'
import { conditionTypes, findCondition, reasons } from '@sluice/toolkit'
import type { Work } from '../work.ts'

const ready = 'repository up-to-date'
const unchanged = 'no change since last reconciliation'

/** Ends a run that found nothing to do. @param isSync whether the files were looked at */
export function upToDate({ run }: Work, { isSync }: { readonly isSync: boolean }): Outcome {
  if (wasReady(run)) {
    run.event({ type: 'Trace', reason: reasons.succeeded, message: isSync ? ready : unchanged })
  } else {
    run.event({ type: 'Normal', reason: reasons.succeeded, message: ready })
  }
  return succeeded(run)
}

/** Ends a run that has pushed a commit. */
export function pushed({ run }: Work, message: string): Outcome {
  run.event({ type: 'Normal', reason: reasons.succeeded, message })
  return succeeded(run)
}

function wasReady({ object }: Work['run']): boolean {
  return findCondition(object.status?.conditions ?? [], conditionTypes.ready)?.status === 'True'
}

function succeeded({ conditions, object }: Work['run']): Outcome {
  conditions.markTrue(conditionTypes.ready, reasons.succeeded, ready)
  return { kind: 'done', requeueAfter: parseDurationMs(object.spec.interval) }
}
