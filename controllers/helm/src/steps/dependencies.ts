import {
  blockingCycle,
  checkCrossDependencies,
  checkDependencies,
  DependencyError,
  type Dependent,
  explainsErrors,
} from '@sluice/applier'
import type { Resource } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import {
  conditionTypes,
  type HelmRelease,
  helmReleaseDefinition,
  reasons,
  resourceOf,
  type ToolkitObject,
} from '@sluice/toolkit'
import type { HelmDeps } from '../deps.ts'
import { type HelmStep, notReady, overcome, requeueMs, stalled, terminalPrefix, type Work } from '../work.ts'

/** Kinds that a HelmRelease may wait for by its annotation. */
export function dependencyKinds({ dependencyKinds: kinds = [] }: HelmDeps): readonly Resource[] {
  return [resourceOf(helmReleaseDefinition), ...kinds]
}

/** Waits for other HelmReleases, and for what the annotation of our own names. */
export const awaitDependencies: HelmStep = async (work) => {
  const { run } = work
  try {
    checkAll(work)
  } catch (error) {
    const told = errorChain(error)
    const terminal = error instanceof DependencyError ? terminalReason(error) : undefined
    if (terminal !== undefined) {
      run.event({ type: 'Warning', reason: terminal, message: told })
      return stalled(work, terminal, `${terminalPrefix}: ${told}`)
    }
    const cycle = cycleOf(work)
    if (cycle) run.log.info(cycle.text)
    const tellsCycle = cycle?.isMixed || explainsErrors(work.object)
    const message = cycle && tellsCycle ? `${told}: ${cycle.text}` : told
    // Each step of a dependency wakes this one: what was said already is not told again.
    if (run.conditions.get(conditionTypes.ready)?.message !== message) {
      run.event({ type: 'Normal', reason: reasons.dependencyNotReady, message })
    }
    return notReady(work, reasons.dependencyNotReady, message, { kind: 'after', ms: requeueMs(work) })
  }
  overcome(work, reasons.dependencyNotReady)
  return undefined
}

function checkAll({ object, deps }: Work): void {
  const resource = resourceOf(helmReleaseDefinition)
  const cache = deps.caches.cache<HelmRelease>(resource)
  checkDependencies(object, {
    read: (key) => cache.get(key),
    resource,
    additiveExpressions: deps.options?.gates?.additiveCelDependencyCheck ?? false,
    missing: (name) => `unable to get '${name}' dependency`,
  })
  checkCrossDependencies(object, {
    kinds: dependencyKinds(deps),
    read: (kind, key) => deps.caches.cache<ToolkitObject>(kind).get(key),
    noCrossNamespaceRefs: deps.options?.noCrossNamespaceRefs ?? false,
  })
}

function cycleOf({ object, deps }: Work): ReturnType<typeof blockingCycle> {
  return blockingCycle(object, {
    kinds: dependencyKinds(deps),
    read: (kind, key) => deps.caches.cache<Dependent>(kind).get(key),
  })
}

/** The reason of what no other object can mend; nothing for what is worth waiting for. */
function terminalReason({ code }: DependencyError): string | undefined {
  if (code === 'DEPENDENCY_EXPRESSION') return reasons.invalidCelExpression
  if (code === 'DEPENDENCY_REFERENCE') return reasons.dependencyNotReady
  return code === 'DEPENDENCY_FORBIDDEN' ? reasons.accessDenied : undefined
}
