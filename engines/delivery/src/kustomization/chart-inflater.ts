import {
  type Capabilities,
  type Chart,
  checkInstallable,
  checkReleaseName,
  defaultCapabilities,
  loadChartDirectory,
  type MutableValues,
  mergeOver,
  parseKubeVersion,
  parseValues,
  type Rendered,
  renderChart,
  renderedName,
} from '@sluice/chart'
import type { ChartInflater, HelmChart, HelmRequest } from '@sluice/kustomize'
import { type Compression, type FileTree, joinTreePath } from '@sluice/ports'
import type { SprigPorts } from '@sluice/template'
import { DeliveryError } from '../delivery-error.ts'

/** What charts are rendered with. */
export type ChartInflaterOptions = {
  readonly compression: Compression
  readonly ports: SprigPorts
  /** Checks values against the charts' schemas. */
  readonly validate?: (chart: Chart, values: MutableValues) => void
  readonly warn?: (text: string) => void
}

/**
 * Renders the charts that a kustomization names, as kustomize has `helm template` do it. They have to be in the tree:
 * nothing is pulled.
 *
 * Source: kustomize 5.8, api/internal/builtins/HelmChartInflationGenerator.go and api/types/helmchartargs.go.
 */
export function chartInflater(tree: FileTree, options: ChartInflaterOptions): ChartInflater {
  return {
    defaultValues: (request) => {
      const path = `${chartPath(request)}/values.yaml`
      return tree.stat(path)?.kind === 'file' ? new TextDecoder().decode(tree.read(path)) : ''
    },
    inflate: (request) => manifestsOf(render(tree, request, options), request.chart),
  }
}

/** Charts that are pulled lie in a folder of their version. */
function chartPath({ root, chartHome, chart }: Omit<HelmRequest, 'values'>): string {
  const { name = '', version = '', repo = '' } = chart
  return joinTreePath(root, chartHome, version !== '' && repo !== '' ? `${name}-${version}` : '', name)
}

function render(tree: FileTree, request: HelmRequest, options: ChartInflaterOptions): Rendered {
  const { compression, ports, validate, warn } = options
  const { chart, values } = request
  const path = chartPath(request)
  if (tree.stat(path)?.kind !== 'directory') {
    throw new DeliveryError('BUILD_FAILED', `no chart found at '${path}', and charts are not pulled`)
  }
  const { releaseName = '', nameTemplate = '' } = chart
  const name = renderedName(releaseName === '' ? { nameTemplate } : { name: releaseName }, ports)
  checkReleaseName(name)
  const loaded = loadChartDirectory(tree, path, { compression, ...(warn && { warn }) })
  checkInstallable(loaded)
  return renderChart(loaded, {
    release: {
      name,
      namespace: chart.namespace || 'default',
      isUpgrade: false,
      isInstall: true,
      revision: 1,
    },
    values: values
      .map((it) => parseValues(new TextEncoder().encode(it)))
      .reduce(mergeOver, new Map() as MutableValues),
    ports,
    capabilities: capabilitiesOf(chart),
    ...(validate && { validate }),
    ...(warn && { warn }),
  })
}

function capabilitiesOf({ kubeVersion = '', apiVersions = [] }: HelmChart): Capabilities {
  return {
    kubeVersion: kubeVersion === '' ? defaultCapabilities.kubeVersion : parseKubeVersion(kubeVersion),
    apiVersions: [...defaultCapabilities.apiVersions, ...apiVersions],
  }
}

/** The text that `helm template` prints: CRDs, objects, then hooks. */
function manifestsOf({ crds, manifests, hooks }: Rendered, chart: HelmChart): string {
  const { includeCRDs = false, skipHooks = false, skipTests = false } = chart
  const shownHooks = skipHooks ? [] : hooks.filter(({ events }) => !(skipTests && events.includes('test')))
  return [
    ...(includeCRDs ? crds : []),
    ...manifests,
    ...shownHooks.map(({ path, manifest }) => ({ path, content: manifest })),
  ]
    .map(({ path, content }) => `---\n# Source: ${path}\n${content}\n`)
    .join('')
}
