import { elapsedText } from '@sluice/applier'
import { conditionTypes } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import type { ActionEnd } from '../releases/release-client.ts'
import { chartTitle, hasBeenTested, latestOf, releaseTitle } from '../state/history.ts'
import { retryPauseMs } from '../state/policy.ts'
import { afterRelease } from '../state/recorded.ts'
import { need } from '../work.ts'
import { explain } from './explain.ts'
import { clearFailures } from './failures.ts'
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

/** Actions that make a release. */
export type Deployment = 'install' | 'upgrade'

/** Installs or upgrades, and notes in history, conditions and events how that went. */
export async function deploy(context: ReleaseContext, deployment: Deployment): Promise<ActionOutcome> {
  const { work, client } = context
  const { run, object, deps } = work
  const { conditions, status } = run
  const chart = await need(work, 'chart').load()
  status.lastAttemptedReleaseAction = deployment
  // Nothing before an installation is ever gone back to.
  if (deployment === 'install') status.history = undefined
  conditions.remove(conditionTypes.testSuccess, conditionTypes.remediated)

  const startedAt = deps.clock.now()
  const content = { chart, values: need(work, 'values') }
  const bounds = boundsOf(work, deployment)
  const end =
    deployment === 'install'
      ? await client.install(content, object.spec.install ?? {}, bounds)
      : await client.upgrade(content, object.spec.upgrade ?? {}, bounds)
  status.lastAttemptedReleaseActionDuration = elapsedText(deps.clock.now() - startedAt)

  const { lastAttemptedRevisionDigest: ociDigest } = status
  const facts = { action: deployment, ...(ociDigest && { ociDigest }) }
  setHistory(run, afterRelease(status.history ?? [], context.written(), facts))
  await recordInventory(context)
  const outcome = end.failure ? fail(context, deployment, end, end.failure) : succeed(context, deployment)
  summarize(work)
  return outcome
}

function fail(
  context: ReleaseContext,
  deployment: Deployment,
  { logs }: ActionEnd,
  failure: Error,
): ActionOutcome {
  const { work } = context
  const { run, names, object } = work
  const { status } = run
  const chart = need(work, 'chart')
  const reason = deployment === 'install' ? helmReasons.installFailed : helmReasons.upgradeFailed
  const explanation = explain(object, failure, context.lastWritten())
  const message = `Helm ${deployment} failed for release ${names.namespace}/${names.fullName} with chart ${chart.name}@${chart.version}: ${failureText(failure)}${explanation.text}`
  status.failures = (status.failures ?? 0) + 1
  run.conditions.markFalse(conditionTypes.released, reason, message)
  run.event({
    type: 'Warning',
    reason,
    message: withLogs(message, logs),
    metadata: { ...attemptMetadata(work, chart), ...explanation.metadata },
  })
  // Without a record there is nothing to undo, and trying again does no harm.
  if (context.written().size === 0) return { error: failure }
  if (deployment === 'install') status.installFailures = (status.installFailures ?? 0) + 1
  else status.upgradeFailures = (status.upgradeFailures ?? 0) + 1
  return done
}

function succeed({ work }: ReleaseContext, deployment: Deployment): ActionOutcome {
  const { run, object, deps } = work
  const current = latestOf(run.status.history ?? [])
  if (!current) throw new TypeError('a release that was made has a record')
  const reason = deployment === 'install' ? helmReasons.installSucceeded : helmReasons.upgradeSucceeded
  const message = deployedMessage(deployment, current)
  run.conditions.markTrue(conditionTypes.released, reason, message)
  if (object.spec.test?.enable && !hasBeenTested(current)) {
    run.conditions.markUnknown(
      conditionTypes.testSuccess,
      helmReasons.awaitingTests,
      `Helm release ${releaseTitle(current)} with chart ${chartTitle(current)} is awaiting tests`,
    )
  }
  const byDefault = deps.options?.gates?.defaultToRetryOnFailure
  if (retryPauseMs(object.spec, run.status, { byDefault }) !== undefined) clearFailures(run)
  run.event({ type: 'Normal', reason, message, metadata: snapshotMetadata(current) })
  return done
}

/** What is said of a release that was made. */
export function deployedMessage(deployment: Deployment, current: Parameters<typeof chartTitle>[0]): string {
  return `Helm ${deployment} succeeded for release ${releaseTitle(current)} with chart ${chartTitle(current)}`
}
