import { healthOf } from '@sluice/health'
import { type Kustomization, reasons } from '@sluice/toolkit'
import type { Step } from './work.ts'

/** Refuses what cannot work whatever the cluster does. */
export const checkConfiguration: Step = async (work) => {
  const { object, deps } = work
  work.healthOf = (item) => healthOf(item, { now: deps.clock.now() })
  if (!usesAccountForDecryption(object) || deps.options?.gates?.objectLevelWorkloadIdentity) return undefined
  return {
    kind: 'stalled',
    reason: reasons.featureGateDisabled,
    message:
      'to use spec.decryption.serviceAccountName for decryption authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller',
  }
}

function usesAccountForDecryption({ spec }: Kustomization): boolean {
  return Boolean(spec.decryption?.serviceAccountName)
}
