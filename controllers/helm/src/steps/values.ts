import { ApiError } from '@sluice/cluster'
import { ValuesReferenceError, valuesDigest } from '@sluice/delivery'
import { errorChain } from '@sluice/ports'
import { helmReasons } from '../reasons.ts'
import { type HelmStep, notReady, overcome } from '../work.ts'
import { releaseValues } from './release-values.ts'

/** Composes the values of inline ones and of Secrets and ConfigMaps. */
export const readValues: HelmStep = async (work) => {
  const { run, object, configs } = work
  try {
    work.values = await releaseValues(object, { cluster: configs, signal: run.signal })
  } catch (error) {
    run.signal.throwIfAborted()
    if (!(error instanceof ValuesReferenceError) && !(error instanceof ApiError)) throw error
    const message = errorChain(error)
    run.event({ type: 'Warning', reason: helmReasons.valuesError, message })
    return notReady(work, helmReasons.valuesError, message, { kind: 'backoff', error })
  }
  overcome(work, helmReasons.valuesError)
  work.configDigest = valuesDigest(work.values)
  return undefined
}
