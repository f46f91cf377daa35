import { providerClusters } from '@sluice/access'
import { configsFor, crossDependencyWatch, rememberedConfigs } from '@sluice/applier'
import { releaseNames } from '@sluice/delivery'
import { type Outcome, type Reconciler, type Run, runSteps } from '@sluice/runtime'
import {
  decodeHelmRelease,
  fieldManagers,
  finalizer,
  type HelmRelease,
  helmReleaseDefinition,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import { chartLoader } from './charts/chart-loader.ts'
import { helmReleaseConditions } from './conditions.ts'
import type { HelmDeps, HelmParts } from './deps.ts'
import { releaseDriftWatch } from './drift/watch.ts'
import { finalizeHelmRelease } from './finalize.ts'
import { noteAttempt } from './steps/attempt.ts'
import { applyChartTemplate } from './steps/chart-template.ts'
import { checkConfiguration } from './steps/configuration.ts'
import { awaitDependencies, dependencyKinds } from './steps/dependencies.ts'
import { planRelease } from './steps/plan.ts'
import { settleRelease } from './steps/release.ts'
import { leaveFormerTarget } from './steps/retarget.ts'
import { findSource, readChart } from './steps/source.ts'
import { reachTarget } from './steps/target.ts'
import { readValues } from './steps/values.ts'
import { helmReleaseWatches } from './watches.ts'
import type { HelmStep, Work } from './work.ts'

/**
 * Makes the releases that HelmReleases describe, and keeps them as described.
 *
 * @example
 * manager.add(helmReleaseController({ caches: manager.caches, clock, fetcher, charts, openRelease }))
 */
export function helmReleaseController(deps: HelmDeps): Reconciler<HelmRelease> {
  const parts: HelmParts = {
    ...deps,
    drift: releaseDriftWatch(deps.caches),
    configs: rememberedConfigs(deps.caches, { selector: deps.options?.watchConfigsLabelSelector }),
    providers: providerClusters({
      ...deps,
      cluster: deps.caches.cluster,
      defaultServiceAccount: deps.options?.defaultKubeConfigServiceAccount,
      objectLevelWorkloadIdentity: deps.options?.gates?.objectLevelWorkloadIdentity,
    }),
  }
  const steps: readonly HelmStep[] = [
    checkConfiguration,
    applyChartTemplate,
    announceWork,
    awaitDependencies,
    findSource,
    readValues,
    readChart(chartLoader(deps)),
    reachTarget,
    planRelease,
    leaveFormerTarget,
    noteAttempt,
    settleRelease,
  ]
  return {
    resource: resourceOf(helmReleaseDefinition),
    decode: decodeHelmRelease,
    controller: 'helm-controller',
    fieldManager: fieldManagers.helmController,
    finalizer,
    conditions: helmReleaseConditions,
    answersWhileSuspended: true,
    reconcile: (run) => reconcile(workOf(run, parts), steps),
    finalize: (run) => finalizeHelmRelease(workOf(run, parts)),
    watches: [
      ...helmReleaseWatches(deps.options),
      ...dependencyKinds(deps).map((kind) => crossDependencyWatch<HelmRelease>(kind)),
    ],
    start: (context) => parts.drift.start(context),
  }
}

function workOf(run: Run<HelmRelease>, deps: HelmParts): Work {
  const seenDrift = deps.drift.take(run.key)
  const { object } = run
  return { run, object, deps, names: releaseNames(object), seenDrift, configs: configsFor(run, deps) }
}

/** What no step accounts for says nothing about the release: it is tried again, and `Ready` stays. */
async function reconcile(work: Work, steps: readonly HelmStep[]): Promise<Outcome> {
  try {
    return await runSteps(work, steps)
  } catch (error) {
    work.run.signal.throwIfAborted()
    return { kind: 'said', concluded: false, next: { kind: 'backoff', error } }
  }
}

/** Shown when the run comes to rest before the release is looked at; a release that is as wanted leaves no trace of it. */
const announceWork: HelmStep = async ({ run }) => {
  run.conditions.markReconciling(reasons.progressing, 'Fulfilling prerequisites')
  return undefined
}
