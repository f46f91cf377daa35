import { conditionTypes, type ReleaseSnapshot } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import type { ActionEnd } from '../releases/release-client.ts'
import { chartTitle, hasBeenTested, latestOf, releaseTitle } from '../state/history.ts'
import { activePolicy } from '../state/policy.ts'
import { afterTest } from '../state/recorded.ts'
import type { Work } from '../work.ts'
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
import { ReleaseMismatchError } from './uninstall-failure.ts'

/** Runs the tests of the latest release. */
export async function test(context: ReleaseContext): Promise<ActionOutcome> {
  const { work, client } = context
  const { run, object } = work
  const { status } = run
  const before = latestOf(status.history ?? [])
  if (!before) throw new TypeError('a release that is to be tested has a record')
  const options = object.spec.test ?? {}
  const end = await client.test(options, boundsOf(work, 'test'))
  setHistory(run, afterTest(status.history ?? [], context.written(), options))
  const current = latestOf(status.history ?? []) ?? before
  const failure = testFailure(end, before)
  if (failure) fail(work, current, failure)
  else succeed(work, current)
  summarize(work)
  // Where nothing was seen to happen, it may be tried again.
  return failure && !hasBeenTested(current) ? { error: failure } : done
}

function testFailure({ release, failure }: ActionEnd, before: ReleaseSnapshot): Error | undefined {
  if (!release || release.revision === before.version) return failure
  const tested = releaseTitle({ ...release, version: release.revision })
  return new ReleaseMismatchError(`tested release ${tested} != current release ${releaseTitle(before)}`)
}

function fail({ run, object }: Work, current: ReleaseSnapshot, failure: Error): void {
  const { status, conditions } = run
  const reason = helmReasons.testFailed
  const message = `Helm test failed for release ${releaseTitle(current)} with chart ${chartTitle(current)}: ${failureText(failure)}`
  status.failures = (status.failures ?? 0) + 1
  conditions.markFalse(conditionTypes.testSuccess, reason, message)
  run.event({ type: 'Warning', reason, message, metadata: snapshotMetadata(current) })
  if (!hasBeenTested(current)) return
  const policy = activePolicy(object.spec, status)
  if (!policy || policy.ignoreTestFailures) return
  if (status.lastAttemptedReleaseAction === 'install') {
    status.installFailures = (status.installFailures ?? 0) + 1
  } else {
    status.upgradeFailures = (status.upgradeFailures ?? 0) + 1
  }
}

function succeed({ run }: Work, current: ReleaseSnapshot): void {
  const reason = helmReasons.testSucceeded
  const message = `Helm test succeeded for release ${releaseTitle(current)} with chart ${chartTitle(current)}: ${countText(current)}`
  run.conditions.markTrue(conditionTypes.testSuccess, reason, message)
  run.event({ type: 'Normal', reason, message, metadata: snapshotMetadata(current) })
}

function countText({ testHooks = {} }: ReleaseSnapshot): string {
  const count = Object.keys(testHooks).length
  if (count === 0) return 'no test hooks'
  return `${count} test ${count === 1 ? 'hook' : 'hooks'} completed successfully`
}
