import type { RunEvent } from '@sluice/runtime'
import { conditionTypes, type ReleaseSnapshot } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import type { ActionEnd } from '../releases/release-client.ts'
import { chartTitle, latestOf, releaseTitle } from '../state/history.ts'
import { afterRollback, afterUninstall } from '../state/recorded.ts'
import { recordInventory } from './inventory.ts'
import {
  type ActionOutcome,
  attemptMetadata,
  boundsOf,
  done,
  failureText,
  type ReleaseContext,
  setHistory,
  snapshotMetadata,
  withLogs,
} from './release-context.ts'
import { summarize } from './summarize.ts'
import { ReleaseMismatchError, uninstallFailure } from './uninstall-failure.ts'

/** Undoes a failed upgrade by going back to `target`. */
export async function rollBack(context: ReleaseContext, target: ReleaseSnapshot): Promise<ActionOutcome> {
  const { work, client } = context
  const { run, object } = work
  const { status } = run
  const current = latestOf(status.history ?? [])
  if (current && (current.name !== target.name || current.namespace !== target.namespace)) {
    const error = new ReleaseMismatchError(
      `previous release name or namespace ${releaseTitle(target)} does not match current ${releaseTitle(current)}`,
    )
    summarize(work)
    return { error }
  }
  const end = await client.rollback(target.version, object.spec.rollback ?? {}, boundsOf(work, 'rollback'))
  setHistory(run, afterRollback(status.history ?? [], context.written()))
  await recordInventory(context)
  const metadata = attemptMetadata(work, { version: target.chartVersion, appVersion: target.appVersion })
  const what = `Helm rollback to previous release ${releaseTitle(target)} with chart ${chartTitle(target)}`
  const outcome = conclude(context, {
    what,
    end,
    succeeded: helmReasons.rollbackSucceeded,
    failed: helmReasons.rollbackFailed,
    // The digest is the one of the chart that is gone back to.
    metadata: target.ociDigest ? { ...metadata, 'oci-digest': target.ociDigest } : withoutDigest(metadata),
  })
  summarize(work)
  return outcome
}

/** Undoes a failed installation or upgrade by removing the release. */
export async function uninstallToRemediate(context: ReleaseContext): Promise<ActionOutcome> {
  const { work, client } = context
  const { run, object } = work
  const { status } = run
  const current = latestOf(status.history ?? [])
  if (!current) throw new TypeError('a failed release has a record')
  const end = await client.uninstall(object.spec.uninstall ?? {}, boundsOf(work, 'uninstall'))
  setHistory(run, afterUninstall(status.history ?? [], context.written(), 'uninstall-remediation'))
  const after = latestOf(status.history ?? []) ?? current
  const failure = uninstallFailure(end, { before: current, after })
  return conclude(context, {
    what: `Helm uninstall remediation for release ${releaseTitle(after)} with chart ${chartTitle(after)}`,
    end: { ...end, failure },
    succeeded: helmReasons.uninstallSucceeded,
    failed: helmReasons.uninstallFailed,
    metadata: snapshotMetadata(after),
  })
}

type Remediation = {
  readonly what: string
  readonly end: ActionEnd
  readonly succeeded: string
  readonly failed: string
  readonly metadata: NonNullable<RunEvent['metadata']>
}

function conclude(
  context: ReleaseContext,
  { what, end, succeeded, failed, metadata }: Remediation,
): ActionOutcome {
  const { run } = context.work
  const { failure, logs } = end
  if (!failure) {
    const message = `${what} succeeded`
    run.conditions.markTrue(conditionTypes.remediated, succeeded, message)
    run.event({ type: 'Normal', reason: succeeded, message, metadata })
    return done
  }
  const message = `${what} failed: ${failureText(failure)}`
  run.status.failures = (run.status.failures ?? 0) + 1
  run.conditions.markFalse(conditionTypes.remediated, failed, message)
  run.event({ type: 'Warning', reason: failed, message: withLogs(message, logs), metadata })
  return context.written().size === 0 ? { error: failure } : done
}

function withoutDigest(metadata: NonNullable<RunEvent['metadata']>): NonNullable<RunEvent['metadata']> {
  const { 'oci-digest': _, ...others } = metadata
  return others
}
