import { type GoValue, goInt } from '@sluice/go'
import { helmFunctions, type Lookup, renderHelm, type SprigPorts, type TemplateCache } from '@sluice/template'
import type { Chart } from '../chart.ts'
import { enableDependencies, type Warn } from '../dependencies/enabled.ts'
import { importValues } from '../dependencies/import-values.ts'
import { isCompatibleRange } from '../dependencies/version-range.ts'
import { ChartError, ManifestError } from '../load/chart-error.ts'
import { validateValues } from '../schema/validate-values.ts'
import { coalesceValues } from '../values/coalesce.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { ValuesError } from '../values/tables.ts'
import { type Capabilities, capabilitiesValue, defaultCapabilities } from './capabilities.ts'
import { crdsOf } from './crds.ts'
import { type Hook, type Manifest, type SortedManifests, sortManifests } from './manifests.ts'
import { type PostRender, postRenderFiles } from './post-render.ts'
import { templatesOf } from './render-values.ts'

/** What templates see as `.Release`. */
export type ReleaseFacts = {
  readonly name: string
  readonly namespace: string
  readonly isUpgrade: boolean
  readonly isInstall: boolean
  readonly revision: number
}

export type RenderOptions = {
  readonly release: ReleaseFacts
  /** What the user gave: values files and `--set` flags, merged. */
  readonly values: MutableValues
  /** Random, time and cryptography for the functions of templates. */
  readonly ports: SprigPorts
  /** Default: what Helm assumes without a cluster. */
  readonly capabilities?: Capabilities
  /** Answers `lookup`. */
  readonly lookup?: Lookup
  /** Keeps compiled templates from one render to the next, see {@link chartCache}. */
  readonly templates?: TemplateCache
  /** Whether the charts' `values.schema.json` are left out. */
  readonly skipSchemaValidation?: boolean
  readonly subNotes?: boolean
  /** Changes the objects before they are sorted. */
  readonly postRender?: PostRender
  readonly warn?: Warn
}

/** A rendered chart. */
export type Rendered = {
  readonly manifests: readonly Manifest[]
  readonly hooks: readonly Hook[]
  readonly notes: string
  /** CRDs of `crds/` folders, as text by path. */
  readonly crds: readonly { readonly path: string; readonly content: string }[]
  /** Values as templates saw them. */
  readonly values: MutableValues
  /** The chart as rendered: with the dependencies that were on and the values they brought. */
  readonly chart: Chart
}

const notesFile = 'NOTES.txt'

/**
 * Renders a chart as `helm template` and `helm install` do, up to the objects in the order in which they are created.
 * Whether it should be is {@link checkInstallable}'s matter.
 *
 * @throws {ChartError} {@link ValuesError} TemplateError, in Helm's words
 */
export function renderChart(loaded: Chart, options: RenderOptions): Rendered {
  const { values, ports, warn = () => {}, capabilities = defaultCapabilities } = options
  if (!['v1', 'v2'].includes(loaded.metadata.apiVersion)) {
    throw new ChartError('CHART_INVALID', 'invalid chart apiVersion')
  }
  const chart = effectiveChart(loaded, options)
  const coalesced = coalesceValues(chart, values, { keepNulls: false, warn })
  if (!options.skipSchemaValidation) validateValues(chart, coalesced)
  checkKubeVersion(chart, capabilities)
  const functions = helmFunctions(ports)
  const files = renderHelm(
    templatesOf(chart, coalesced, {
      release: releaseValue(options.release),
      capabilities: capabilitiesValue(capabilities),
    }),
    {
      functions,
      ...(options.lookup && { lookup: options.lookup }),
      ...(options.templates && { cache: options.templates }),
    },
  )
  const notes = takeNotes(files, chart.metadata.name, options.subNotes ?? false)
  const { postRender } = options
  const sorted = sortedManifests(postRender ? postRenderFiles(files, postRender) : files, warn)
  return { ...sorted, notes, crds: crdsOf(chart), values: coalesced, chart }
}

/**
 * The chart as it is rendered: with the dependencies that these values turn on, and with the values that they bring.
 *
 * @throws {ValuesError}
 */
export function effectiveChart(
  chart: Chart,
  { values, release, warn = () => {} }: Pick<RenderOptions, 'values' | 'release' | 'warn'>,
): Chart {
  try {
    return importValues(enableDependencies(chart, values, warn), warn)
  } catch (cause) {
    // Helm says what it was doing only when it installs.
    if (!(cause instanceof ValuesError) || release.isUpgrade) throw cause
    throw new ValuesError(`chart dependencies processing failed: ${cause.message}`, { cause })
  }
}

function sortedManifests(files: ReadonlyMap<string, string>, warn: Warn): SortedManifests {
  try {
    return sortManifests(files, { log: warn })
  } catch (cause) {
    throw cause instanceof ChartError ? new ManifestError(files, cause) : cause
  }
}

/**
 * Refuses library charts and charts with missing dependencies, as Helm's commands do before they do anything. Its actions,
 * which Flux calls, render them.
 *
 * @throws {ChartError}
 */
export function checkInstallable({ metadata, dependencies }: Chart): void {
  if (metadata.type !== '' && metadata.type !== 'application') {
    throw new ChartError('CHART_INVALID', `${metadata.type} charts are not installable`)
  }
  const missing = metadata.dependencies
    .map(({ name }) => name)
    .filter((name) => !dependencies.some((it) => it.metadata.name === name))
  if (missing.length === 0) return
  throw new ChartError(
    'CHART_MISSING',
    "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch " +
      `missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  )
}

function checkKubeVersion({ metadata }: Chart, { kubeVersion }: Capabilities): void {
  if (metadata.kubeVersion === '' || isCompatibleRange(metadata.kubeVersion, kubeVersion.normalized)) return
  throw new ChartError(
    'CHART_INVALID',
    `chart requires kubeVersion: ${metadata.kubeVersion} which is incompatible with Kubernetes ${kubeVersion.version}`,
  )
}

function releaseValue(release: ReleaseFacts): GoValue {
  return new Map<string, GoValue>([
    ['Name', release.name],
    ['Namespace', release.namespace],
    ['IsUpgrade', release.isUpgrade],
    ['IsInstall', release.isInstall],
    ['Revision', goInt(release.revision)],
    ['Service', 'Helm'],
  ])
}

/** Takes the notes out of the rendered files: those of the chart itself, or of all. */
function takeNotes(files: Map<string, string>, chart: string, subNotes: boolean): string {
  const notes: string[] = []
  for (const [path, text] of files) {
    if (!path.endsWith(notesFile)) continue
    if (subNotes || path === `${chart}/templates/${notesFile}`) notes.push(text)
    files.delete(path)
  }
  return notes.join('\n')
}
