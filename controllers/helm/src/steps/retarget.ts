import { currentRelease } from '../actions/current-release.ts'
import { clearFailures } from '../actions/failures.ts'
import { uninstall } from '../actions/uninstall.ts'
import { targetChange } from '../state/target-change.ts'
import { type HelmStep, need } from '../work.ts'

/** Removes a release that is to be made elsewhere; making it there is left to the next run. */
export const leaveFormerTarget: HelmStep = async (work) => {
  const { run, object, names } = work
  const strategy = object.spec.upgrade?.chartNameChangeStrategy
  const change = targetChange(run.status, { names, chartName: need(work, 'chart').name, strategy })
  if (change === undefined) return undefined
  run.log.info(`release target configuration changed (${change}): running uninstall for current release`)
  try {
    await uninstall(currentRelease(work, need(work, 'target')))
  } catch (error) {
    run.signal.throwIfAborted()
    return { kind: 'said', concluded: false, next: { kind: 'backoff', error } }
  }
  run.status.history = undefined
  run.status.storageNamespace = undefined
  clearFailures(run)
  return { kind: 'said', concluded: false, next: { kind: 'backoff' } }
}
