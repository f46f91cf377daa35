import type { Release } from '@sluice/chart'
import { snapshotOf } from '@sluice/delivery'
import { conditionTypes } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import { chartTitle, releaseTitle } from '../state/history.ts'
import { afterUnlock, isOf } from '../state/recorded.ts'
import {
  type ActionOutcome,
  boundsOf,
  done,
  failureText,
  type ReleaseContext,
  setHistory,
  snapshotMetadata,
} from './release-context.ts'
import { summarize } from './summarize.ts'

/** Marks a release as failed whose action was cut short, so that another one is possible. */
export async function unlock(context: ReleaseContext, release: Release): Promise<ActionOutcome> {
  const { work, client } = context
  const { run } = work
  const { status, conditions } = run
  const history = status.history ?? []
  const ociDigest = history.find((it) => isOf(it, release))?.ociDigest
  const locked = snapshotOf(release, { ...(ociDigest && { ociDigest }) })
  const titles = `Helm release ${releaseTitle(locked)} with chart ${chartTitle(locked)} in ${release.info.status} state`
  const reason = helmReasons.pendingRelease
  const metadata = snapshotMetadata(locked)
  const { failure } = await client.unlock(release, boundsOf(work))
  if (failure) {
    const message = `Unlock of ${titles} failed: ${failureText(failure)}`
    status.failures = (status.failures ?? 0) + 1
    conditions.markFalse(conditionTypes.released, reason, message)
    run.event({ type: 'Warning', reason, message, metadata })
    summarize(work)
    return { error: failure }
  }
  setHistory(run, afterUnlock(history, context.written()))
  const message = `Unlocked ${titles}`
  conditions.markFalse(conditionTypes.released, reason, message)
  run.event({ type: 'Normal', reason, message, metadata })
  summarize(work)
  return done
}
