import { conditionTypes, messages, reasons, sourceReasons } from '@sluice/toolkit'
import { concludeFailure } from './build-failure.ts'
import { buildFromRepository } from './build-from-repository.ts'
import { buildFromTree } from './build-from-tree.ts'
import { type ChartBuild, type ChartStep, type ChartWork, summaryOf } from './chart-work.ts'

const { fetchFailed, buildFailed, artifactOutdated, sourceVerified } = conditionTypes

/** Pulls or packages the chart, unless the stored one is still right. */
export const buildChart: ChartStep = async (work) => {
  const { run, source } = work
  if (!source) throw new TypeError('the source is found before it is used')
  try {
    const build =
      source.kind === 'HelmRepository'
        ? await buildFromRepository(work, source)
        : await buildFromTree(work, source)
    await observe(work, build)
    work.build = build
    return undefined
  } catch (error) {
    if (!run.object.spec.verify) run.conditions.remove(sourceVerified)
    return concludeFailure(work, error)
  }
}

/** Source: fluxcd/source-controller, observeChartBuild. */
async function observe({ run }: ChartWork, build: ChartBuild): Promise<void> {
  const { conditions, object } = run
  const { artifact } = run.status
  if (build.name !== object.status?.observedChartName || artifact?.revision !== build.version) {
    const summary = summaryOf(build)
    if (artifact) conditions.markTrue(artifactOutdated, sourceReasons.newChart, summary)
    conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${summary}`, { drift: true })
    await run.saveStatus()
  }
  conditions.remove(fetchFailed, buildFailed)
  if (build.verification === 'verified') {
    conditions.markTrue(sourceVerified, reasons.succeeded, `verified signature of version ${build.version}`)
  } else if (build.verification === 'ignored' || !object.spec.verify) {
    conditions.remove(sourceVerified)
  }
  if (build.resolvedDependencies) {
    run.event({
      type: 'Trace',
      reason: sourceReasons.resolvedDependencies,
      message: `resolved ${build.resolvedDependencies} chart dependencies`,
    })
  }
}
