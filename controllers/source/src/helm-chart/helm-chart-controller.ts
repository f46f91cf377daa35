import { ReconcileFailure, type Reconciler, runSteps, type Watch } from '@sluice/runtime'
import {
  conditionTypes,
  decodeHelmChart,
  fieldManagers,
  finalizer,
  type HelmChart,
  helmChartDefinition,
  resourceOf,
  sourceReasons,
} from '@sluice/toolkit'
import { sourceConditions, sourceFailures } from '../shared/conditions.ts'
import { durationMs } from '../shared/duration.ts'
import { notifySuccess, traceUpToDate } from '../shared/notify.ts'
import { announce, observeStorage, removeArtifacts } from '../shared/storage-step.ts'
import { buildChart } from './build-step.ts'
import {
  type ChartBuild,
  type ChartStep,
  type ChartWork,
  type HelmChartDeps,
  type SourceCandidate,
  summaryOf,
} from './chart-work.ts'
import { chartSourceKinds, findSource } from './source-step.ts'

const { storageOperationFailed, buildFailed, artifactOutdated, artifactInStorage } = conditionTypes

const storeChart: ChartStep = async ({ run, deps, build }) => {
  if (!build) throw new TypeError('the chart is built before it is stored')
  if (build.content) {
    const fileName = `${build.name}-${build.version}.tgz`
    try {
      const stored = await deps.store.write(
        { ...run.key, kind: run.object.kind, fileName },
        build.version,
        build.content,
      )
      run.status.artifact = stored
      run.status.url = await deps.store.link(stored, 'latest.tar.gz')
    } catch (cause) {
      throw new ReconcileFailure(
        sourceReasons.archiveOperationFailed,
        'unable to copy Helm chart to storage',
        {
          condition: storageOperationFailed,
          cause,
        },
      )
    }
    run.status.observedChartName = build.name
    run.status.observedValuesFiles = run.object.spec.ignoreMissingValuesFiles ? build.valuesFiles : undefined
    run.conditions.remove(storageOperationFailed)
  } else {
    traceUpToDate(run, build.version)
  }
  run.conditions.remove(artifactOutdated)
  run.conditions.markTrue(artifactInStorage, reasonFor(build), summaryOf(build))
  return { kind: 'done', requeueAfter: durationMs(run.object.spec.interval, 60_000) }
}

const steps: readonly ChartStep[] = [
  ({ run }) => announce(run),
  ({ run, deps }) => observeStorage(run, deps.store),
  findSource,
  buildChart,
  storeChart,
]

/** Reconciles HelmCharts: pulls or packages a chart of a source and serves its archive. */
export function helmChartController(deps: HelmChartDeps): Reconciler<HelmChart> {
  return {
    resource: resourceOf(helmChartDefinition),
    decode: decodeHelmChart,
    controller: fieldManagers.sourceController,
    fieldManager: fieldManagers.sourceController,
    finalizer,
    answersWhileSuspended: true,
    conditions: sourceConditions({ failures: [buildFailed], verified: true }),
    watches: watchSources(),
    reconcile: async (run) => {
      const work: ChartWork = { run, deps }
      const outcome = await runSteps(work, steps)
      if (outcome.kind === 'done' && work.build) {
        const reason = reasonFor(work.build)
        notifySuccess(run, summaryOf(work.build), [...sourceFailures, buildFailed], reason)
      }
      return outcome
    },
    finalize: (run) => removeArtifacts(run, deps.store),
  }
}

function reasonFor({ isPackaged }: ChartBuild): string {
  return isPackaged ? sourceReasons.chartPackageSucceeded : sourceReasons.chartPullSucceeded
}

/** A new artifact of a source wakes its charts; a source that is gone takes nothing away from what was made of it. */
function watchSources(): readonly Watch<HelmChart>[] {
  return Object.entries(chartSourceKinds).map(([kind, { definition }]) => ({
    resource: resourceOf(definition),
    refersTo: ({ spec, metadata }) =>
      spec.sourceRef.kind === kind
        ? [{ namespace: metadata.namespace ?? '', name: spec.sourceRef.name }]
        : [],
    when: ({ before, after }) => {
      const revision = revisionOf(after)
      return revision !== undefined && revision !== revisionOf(before)
    },
  }))
}

function revisionOf(object: unknown): string | undefined {
  const { status } = (object ?? {}) as Partial<SourceCandidate>
  return status?.artifact?.revision
}
