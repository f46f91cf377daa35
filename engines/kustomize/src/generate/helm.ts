import { mergeNodes } from '@sluice/merge'
import { fromPlain, type PlainValue, parseDocument, printTree, YamlNode } from '@sluice/yaml'
import { during, KustomizeError } from '../errors.ts'
import type { HelmChart, HelmGlobals } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { readResources } from '../resource/read-resources.ts'
import type { Resource } from '../resource/resource.ts'

/** A chart to be rendered, as `helm template` is asked for it. */
export type HelmRequest = {
  readonly chart: HelmChart
  /** Directory of the kustomization, and the path below it where charts are kept. */
  readonly root: string
  readonly chartHome: string
  /** Files of values in YAML, the last counts. */
  readonly values: readonly string[]
}

/** Renders charts. Passed in by callers that allow Helm. */
export interface ChartInflater {
  /** The manifests of the chart as YAML. */
  inflate(request: HelmRequest): string
  /** The `values.yaml` of the chart, or nothing when the chart is not there yet. */
  defaultValues(request: Omit<HelmRequest, 'values'>): string
}

/** What charts are rendered with. */
export type HelmContext = {
  readonly loader: Loader
  readonly inflater: ChartInflater | undefined
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
}

const mergeModes = ['merge', 'override', 'replace']

/**
 * Renders a chart; its resources keep the namespace that Helm gave them.
 *
 * @throws {KustomizeError} when charts are not allowed, or the configuration is wrong.
 */
export function chartGenerator(
  chart: HelmChart,
  globals: HelmGlobals,
  { loader, inflater, kubeVersion, apiVersions }: HelmContext,
): () => readonly Resource[] {
  const { name = '', valuesMerge = '' } = chart
  if (!inflater) throw new KustomizeError('NOT_ALLOWED', 'must specify --enable-helm')
  if (name === '') throw new KustomizeError('PLUGIN_INVALID', 'chart name cannot be empty')
  const additional = (chart.additionalValuesFiles ?? []).map((it) =>
    during('could not load additionalValuesFile', () => loader.load(it)),
  )
  if (valuesMerge !== '' && !mergeModes.includes(valuesMerge)) {
    throw new KustomizeError('PLUGIN_INVALID', `valuesMerge must be one of [${mergeModes.join(' ')}]`)
  }
  const request = {
    chart: {
      ...chart,
      ...(kubeVersion && !chart.kubeVersion ? { kubeVersion } : {}),
      ...(apiVersions && !chart.apiVersions ? { apiVersions } : {}),
    },
    root: loader.root,
    chartHome: globals.chartHome || 'charts',
  }
  return () =>
    during(`inflating chart '${name}'`, () => {
      const values = [mergedValues(chart, { loader, inflater, request }), ...additional]
      const resources = readResources(inflater.inflate({ ...request, values }))
      for (const it of resources) it.helmGenerated = true
      return resources
    })
}

function mergedValues(
  { valuesFile = '', valuesInline, valuesMerge = 'override' }: HelmChart,
  {
    loader,
    inflater,
    request,
  }: { loader: Loader; inflater: ChartInflater; request: Omit<HelmRequest, 'values'> },
): string {
  const ownText = valuesFile === '' ? inflater.defaultValues(request) : loader.load(valuesFile)
  if (!valuesInline || valuesInline.size === 0) return ownText
  const inline = fromPlain(Object.fromEntries(valuesInline) as PlainValue)
  if (valuesMerge === 'replace') return printTree(inline)
  const own = parseDocument(ownText)?.content[0] ?? new YamlNode('mapping', '!!map')
  const schemas = { definition: () => undefined, kind: () => undefined }
  const [target, patch] = valuesMerge === 'merge' ? [inline, own] : [own, inline]
  const merged = mergeNodes(target, patch, { schemas })
  return merged ? printTree(merged) : ''
}
