import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, type GitRepository, sourceReasons } from '@sluice/toolkit'
import type { GitStep } from './git-work.ts'

/** Verifies the signatures that `spec.verify` asks for. */
export const verifySignatures: GitStep = async ({ run }) => {
  if (!run.object.spec.verify) {
    run.status.sourceVerificationMode = undefined
    run.conditions.remove(conditionTypes.sourceVerified)
    return
  }
  throw new ReconcileFailure(sourceReasons.verificationError, 'signatures cannot be verified', {
    condition: conditionTypes.sourceVerified,
  })
}

/** Whether the stored artifact has not yet been verified as the object now asks. */
export function needsVerification({ spec, status }: GitRepository): boolean {
  if (!spec.verify) return false
  const isVerified = status?.conditions?.some(
    ({ type, status: value }) => type === conditionTypes.sourceVerified && value === 'True',
  )
  return !isVerified || status?.observedGeneration === undefined
}
