import { formatObjectId, idOf } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import { conditionTypes, type ReleaseSnapshot, reasons } from '@sluice/toolkit'
import { helmReasons } from '../reasons.ts'
import type { DriftedObject } from '../releases/release-client.ts'
import { latestOf, releaseTitle } from '../state/history.ts'
import { timeoutMs } from '../state/policy.ts'
import { type ActionOutcome, done, type ReleaseContext, snapshotMetadata } from './release-context.ts'

// Timers fire at once for anything longer.
const longestTimerMs = 2_147_483_647

/** Says that the cluster is not as the release left it. */
export function reportDrift({ work }: ReleaseContext, drift: readonly DriftedObject[]): void {
  const { run } = work
  const current = latestOf(run.status.history ?? [])
  if (!current) throw new TypeError('a release that has drifted has a record')
  const message = `Cluster state of release ${releaseTitle(current)} has drifted from the desired state:\n${drift.map(driftLine).join('\n')}`
  run.event({ type: 'Warning', reason: helmReasons.driftDetected, message })
  run.conditions.markTrue(conditionTypes.drifted, helmReasons.driftDetected, message)
  const seen = drift.flatMap(({ object }) => {
    const name = formatObjectId(idOf(object))
    const how = work.seenDrift.get(name)
    return how === undefined ? [] : [`${name}: ${how}`]
  })
  if (seen.length === 0) return
  const detail = `drift seen\n${seen.join('\n')}`
  run.event({ type: 'Warning', reason: helmReasons.driftDetected, message: detail })
}

/** Puts objects back to what the release says. */
export async function correctDrift(
  { work, client }: ReleaseContext,
  drift: readonly DriftedObject[],
): Promise<ActionOutcome> {
  const { run, object } = work
  const current = latestOf(run.status.history ?? [])
  if (!current) throw new TypeError('a release that has drifted has a record')
  run.conditions.markUnknown(conditionTypes.ready, reasons.progressing, 'correcting cluster drift')
  const signal = AbortSignal.any([
    run.signal,
    AbortSignal.timeout(Math.min(timeoutMs(object), longestTimerMs)),
  ])
  try {
    const { corrected, failures } = await client.correct(drift, signal)
    report(run, current, { corrected, errors: failures.map(({ error }) => error) })
  } catch (error) {
    run.signal.throwIfAborted()
    report(run, current, { corrected: [], errors: [error] })
  }
  return done
}

function report(
  run: ReleaseContext['work']['run'],
  current: ReleaseSnapshot,
  {
    corrected,
    errors,
  }: { readonly corrected: readonly DriftedObject[]; readonly errors: readonly unknown[] },
): void {
  const metadata = snapshotMetadata(current)
  const title = releaseTitle(current)
  const changes = corrected.map(changeLine).join('\n')
  if (errors.length > 0) {
    const partially = changes === '' ? '' : 'partially '
    const successes = changes === '' ? '' : `\n\nSuccessful corrections:\n${changes}`
    const message = `Failed to ${partially}correct cluster state of release ${title}:\n${errors.map(errorChain).join('\n')}${successes}`
    run.event({ type: 'Warning', reason: helmReasons.driftCorrectionFailed, message, metadata })
  } else if (changes !== '') {
    const message = `Cluster state of release ${title} has been corrected:\n${changes}`
    run.event({ type: 'Normal', reason: helmReasons.driftCorrected, message, metadata })
  }
}

/** Counted is what would have to be done to the cluster. */
function driftLine({ object, kind, added, changed, missing }: DriftedObject): string {
  const name = formatObjectId(idOf(object))
  if (kind !== 'changed') return `${name} ${kind}`
  return `${name} changed (${missing.length} additions, ${changed.length} changes, ${added.length} removals)`
}

function changeLine({ object, kind }: DriftedObject): string {
  return `${formatObjectId(idOf(object))} ${kind === 'removed' ? 'created' : 'configured'}`
}
