import { clearFailures } from '../actions/failures.ts'
import { specialRequest } from '../state/requests.ts'
import { type HelmStep, need, type Work } from '../work.ts'
import { noteOldAttempt } from './old-status.ts'

/** Notes what is about to be attempted; failures of other attempts no longer count. */
export const noteAttempt: HelmStep = async (work) => {
  const { run, object, names } = work
  const { status } = run
  const chart = need(work, 'chart')
  status.storageNamespace = names.storageNamespace
  const reset = specialRequest(object, { annotation: 'resetAt', handled: status.lastHandledResetAt })
  if (reset.token !== undefined) status.lastHandledResetAt = reset.token
  if (reset.isDue || differsFromLast(work)) clearFailures(run)
  status.lastAttemptedGeneration = object.metadata.generation
  status.lastAttemptedRevision = chart.version
  status.lastAttemptedRevisionDigest = chart.digest
  status.lastAttemptedConfigDigest = need(work, 'configDigest')
  noteOldAttempt(work)
  return undefined
}

function differsFromLast(work: Work): boolean {
  const { status } = work.run
  return (
    status.lastAttemptedGeneration !== work.object.metadata.generation ||
    status.lastAttemptedRevision !== need(work, 'chart').version ||
    (status.lastAttemptedConfigDigest ?? status.lastAttemptedValuesChecksum) !== need(work, 'configDigest')
  )
}
