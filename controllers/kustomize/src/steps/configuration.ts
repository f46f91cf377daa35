import { customHealth, ExpressionError } from '@sluice/health'
import type { Outcome } from '@sluice/runtime'
import { type Kustomization, reasons } from '@sluice/toolkit'
import { terminalPrefix } from '../messages.ts'
import type { Step, Work } from './work.ts'

/** Refuses what cannot work whatever the cluster does. */
export const checkConfiguration: Step = async (work) => {
  const { object, deps } = work
  if (usesAccountForDecryption(object) && !deps.options?.gates?.objectLevelWorkloadIdentity) {
    return {
      kind: 'stalled',
      reason: reasons.featureGateDisabled,
      message:
        'to use spec.decryption.serviceAccountName for decryption authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller',
    }
  }
  return compileChecks(work)
}

function compileChecks(work: Work): Outcome | undefined {
  const { object, deps } = work
  try {
    const judge = customHealth(object.spec.healthCheckExprs ?? [])
    work.healthOf = (item, pods) => judge(item, { now: deps.clock.now(), ...(pods && { pods }) })
    return undefined
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const message = `${terminalPrefix}: ${error.message}`
    return { kind: 'stalled', reason: reasons.invalidCelExpression, message }
  }
}

function usesAccountForDecryption({ spec }: Kustomization): boolean {
  return Boolean(spec.decryption?.serviceAccountName)
}
