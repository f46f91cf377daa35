import { checkDependencies, DependencyError } from '@sluice/applier'
import { errorChain } from '@sluice/ports'
import { conditionTypes, type HelmRelease, helmReleaseDefinition, reasons, resourceOf } from '@sluice/toolkit'
import { type HelmStep, notReady, overcome, requeueMs, stalled, terminalPrefix } from '../work.ts'

/** Waits for other HelmReleases. */
export const awaitDependencies: HelmStep = async (work) => {
  const { run, object, deps } = work
  const resource = resourceOf(helmReleaseDefinition)
  const cache = deps.caches.cache<HelmRelease>(resource)
  try {
    checkDependencies(object, {
      read: (key) => cache.get(key),
      resource,
      additiveExpressions: deps.options?.gates?.additiveCelDependencyCheck ?? false,
      missing: (name) => `unable to get '${name}' dependency`,
    })
  } catch (error) {
    const message = errorChain(error)
    if (error instanceof DependencyError && error.code === 'DEPENDENCY_EXPRESSION') {
      run.event({ type: 'Warning', reason: reasons.invalidCelExpression, message })
      return stalled(work, reasons.invalidCelExpression, `${terminalPrefix}: ${message}`)
    }
    // Each step of a dependency wakes this one: what was said already is not told again.
    if (run.conditions.get(conditionTypes.ready)?.message !== message) {
      run.event({ type: 'Normal', reason: reasons.dependencyNotReady, message })
    }
    return notReady(work, reasons.dependencyNotReady, message, { kind: 'after', ms: requeueMs(work) })
  }
  overcome(work, reasons.dependencyNotReady)
  return undefined
}
