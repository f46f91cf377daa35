import type { Run } from '@sluice/runtime'
import { type Artifact, reasons, sourceReasons } from '@sluice/toolkit'
import type { SourceObject } from './storage-step.ts'

/**
 * The event of a run that went well: a new artifact, or, with the same one, the recovery from a failure. Otherwise none.
 *
 * @param failures conditions that mean failure while they are True.
 * @param reason of the event; that of the kind's own where it has one.
 */
export function notifySuccess<T extends SourceObject>(
  run: Run<T>,
  message: string,
  failures: readonly string[],
  reason?: string,
): void {
  const { artifact }: { artifact?: Artifact | undefined } = run.status
  if (!artifact) return
  const metadata = { revision: artifact.revision, digest: artifact.digest }
  if (run.object.status?.artifact?.digest !== artifact.digest) {
    run.event({ type: 'Normal', reason: reason ?? sourceReasons.newArtifact, message, metadata })
    return
  }
  const before = run.object.status.conditions ?? []
  const hadFailed = before.some(({ type, status }) => failures.includes(type) && status === 'True')
  const hasFailed = failures.some((type) => run.conditions.is(type, 'True'))
  if (hadFailed && !hasFailed) {
    run.event({ type: 'Normal', reason: reason ?? reasons.succeeded, message, metadata })
  }
}

/** Traces that a run found nothing new. */
export function traceUpToDate<T extends SourceObject>(run: Run<T>, revision: string): void {
  run.event({
    type: 'Trace',
    reason: sourceReasons.artifactUpToDate,
    message: `artifact up-to-date with remote revision: '${revision}'`,
  })
}
