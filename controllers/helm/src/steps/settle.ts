import { conditionTypes } from '@sluice/toolkit'
import { deployedMessage } from '../actions/deploy.ts'
import { summarize } from '../actions/summarize.ts'
import { helmReasons } from '../reasons.ts'
import { latestOf } from '../state/history.ts'
import type { NextAction } from '../state/next-action.ts'
import type { ReleaseState } from '../state/release-state.ts'
import type { Work } from '../work.ts'

/**
 * Brings conditions of earlier failures to what a release that is as wanted means: going back may have led to the very release
 * that is wanted now.
 *
 * Source: helm-controller of Flux 2.9.
 */
export function settleInSync(work: Work, state: ReleaseState, action: NextAction): void {
  const isSettled = state.kind === 'untested' || (state.kind === 'inSync' && action.kind === 'none')
  if (!isSettled) return
  const { run, object } = work
  const { conditions } = run
  const current = latestOf(run.status.history ?? [])
  if (!current) return
  if (conditions.is(conditionTypes.remediated, 'True')) {
    const message = deployedMessage('upgrade', current)
    conditions.remove(conditionTypes.remediated)
    conditions.markTrue(conditionTypes.released, helmReasons.upgradeSucceeded, message)
  }
  if (state.kind === 'untested') return
  const failed = failedDeployment(conditions.get(conditionTypes.released)?.reason)
  if (failed && !conditions.is(conditionTypes.released, 'True')) {
    const reason = failed === 'install' ? helmReasons.installSucceeded : helmReasons.upgradeSucceeded
    conditions.markTrue(conditionTypes.released, reason, deployedMessage(failed, current))
    summarize(work)
  }
  const { mode = 'disabled' } = object.spec.driftDetection ?? {}
  if (mode === 'disabled') return
  const message = 'No drift detected against the cluster state'
  conditions.markFalse(conditionTypes.drifted, helmReasons.noDriftDetected, message)
}

function failedDeployment(reason: string | undefined): 'install' | 'upgrade' | undefined {
  if (reason === helmReasons.installFailed) return 'install'
  return reason === helmReasons.upgradeFailed ? 'upgrade' : undefined
}
