import { customHealth, ExpressionError } from '@sluice/health'
import { reasons } from '@sluice/toolkit'
import { type HelmStep, stalled, terminalPrefix } from '../work.ts'

/** Refuses what cannot work whatever the cluster does. */
export const checkConfiguration: HelmStep = async (work) => {
  const { run, object, deps } = work
  const { chart, chartRef, healthCheckExprs = [] } = object.spec
  // The schema asks for exactly one; objects of before it did are left alone, as Flux does.
  if ((chart === undefined) === (chartRef === undefined)) {
    run.log.info('invalid Chart reference')
    return { kind: 'said', concluded: false, next: { kind: 'nothing' } }
  }
  if (healthCheckExprs.length === 0) return undefined
  try {
    const judge = customHealth(healthCheckExprs)
    work.healthOf = (item, pods) => judge(item, { now: deps.clock.now(), ...(pods && { pods }) })
    return undefined
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const { message } = error
    run.event({ type: 'Warning', reason: reasons.invalidCelExpression, message })
    return stalled(work, reasons.invalidCelExpression, `${terminalPrefix}: ${message}`)
  }
}
