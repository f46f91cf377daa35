import { type Chart, type MutableValues, type Rendered, type RenderOptions, renderChart } from '@sluice/chart'
import type { HelmRelease } from '@sluice/toolkit'
import { postRenderer } from './post-render.ts'
import { releaseNames } from './release-names.ts'

/** What a HelmRelease is built from. */
export type HelmReleaseInput = {
  readonly helmRelease: HelmRelease
  readonly chart: Chart
  /** As {@link composeValues} gives them. */
  readonly values: MutableValues
  /** The revision that it would become; an upgrade when it is not the first. Default: 1. */
  readonly revision?: number
  readonly options: Pick<RenderOptions, 'ports' | 'capabilities' | 'warn'>
}

/**
 * Builds what a HelmRelease describes: its chart rendered with its values and passed through its post-renderers. Lookups
 * find nothing.
 *
 * @throws {ChartError} {@link ValuesError} {@link TemplateError}
 */
export function buildHelmRelease(input: HelmReleaseInput): Rendered {
  const { helmRelease, chart, values, revision = 1, options } = input
  const { spec } = helmRelease
  const { name, namespace } = releaseNames(helmRelease)
  const isInstall = revision === 1
  const { disableSchemaValidation = false } = (isInstall ? spec.install : spec.upgrade) ?? {}
  return renderChart(chart, {
    ...options,
    values,
    release: { name, namespace, revision, isInstall, isUpgrade: !isInstall },
    skipSchemaValidation: disableSchemaValidation,
    postRender: {
      strategy: spec.postRenderStrategy ?? 'combined',
      transform: postRenderer(helmRelease),
    },
  })
}
