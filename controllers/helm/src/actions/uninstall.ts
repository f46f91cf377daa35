import { conditionTypes, type ReleaseSnapshot } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import { chartTitle, latestOf, releaseTitle } from '../state/history.ts'
import { afterUninstall } from '../state/recorded.ts'
import {
  boundsOf,
  failureText,
  type ReleaseContext,
  setHistory,
  snapshotMetadata,
  withLogs,
} from './release-context.ts'
import { summarize } from './summarize.ts'
import { uninstallFailure } from './uninstall-failure.ts'

/**
 * Removes the release because it is not wanted any more. Nothing is done where none is known to have been made.
 *
 * @throws what went wrong, after it was noted in conditions and events.
 */
export async function uninstall(context: ReleaseContext): Promise<void> {
  const { work, client } = context
  const { run, object } = work
  const { status, conditions } = run
  const current = latestOf(status.history ?? [])
  if (!current) return
  const gone = await absence(context, current)
  if (gone !== undefined) {
    conditions.markFalse(conditionTypes.released, helmReasons.uninstallSucceeded, gone)
    summarize(work)
    return
  }
  const end = await client.uninstall(object.spec.uninstall ?? {}, boundsOf(work, 'uninstall'))
  setHistory(run, afterUninstall(status.history ?? [], context.written(), 'uninstall'))
  const after = latestOf(status.history ?? []) ?? current
  const failure = isRemovalOfRecord(current, end.failure)
    ? undefined
    : uninstallFailure(end, { before: current, after })
  const titles = `release ${releaseTitle(after)} with chart ${chartTitle(after)}`
  const metadata = snapshotMetadata(after)
  if (failure) {
    const message = `Helm uninstall failed for ${titles}: ${failureText(failure)}`
    status.failures = (status.failures ?? 0) + 1
    conditions.markFalse(conditionTypes.released, helmReasons.uninstallFailed, message)
    const told = withLogs(message, end.logs)
    run.event({ type: 'Warning', reason: helmReasons.uninstallFailed, message: told, metadata })
    summarize(work)
    throw failure
  }
  const message = `Helm uninstall succeeded for ${titles}`
  status.inventory = undefined
  conditions.markFalse(conditionTypes.released, helmReasons.uninstallSucceeded, message)
  run.event({ type: 'Normal', reason: helmReasons.uninstallSucceeded, message, metadata })
  summarize(work)
}

/** What is to be said where there is nothing to remove. */
async function absence(
  { work, client }: ReleaseContext,
  current: ReleaseSnapshot,
): Promise<string | undefined> {
  const records = await client.history(work.run.signal)
  const newest = records.at(-1)
  if (!newest) return `Release ${releaseTitle(current)} was not found, assuming it is uninstalled`
  const keepsHistory = work.object.spec.uninstall?.keepHistory
  return newest.info.status === 'uninstalled' && keepsHistory
    ? `Release ${releaseTitle(current)} was already uninstalled`
    : undefined
}

/** Of a release that is uninstalled already, only the record is removed. */
function isRemovalOfRecord({ status }: ReleaseSnapshot, failure: Error | undefined): boolean {
  return status === 'uninstalled' && failure === undefined
}
