import { posix } from 'node:path'
import type { ChartFile } from '@sluice/chart'
import { fetchChartIndex } from '@sluice/helmrepo'
import { gunzip } from '@sluice/host'
import { type FileTree, ToolkitError } from '@sluice/ports'
import {
  decodeHelmRepository,
  type HelmRepository,
  helmRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { parseYaml } from '@sluice/yaml'
import { chartFile, type LoadedChart, readChartAt } from './chart-package.ts'
import type { ChartWork } from './chart-work.ts'
import { chartLimits, remoteChart } from './remote-chart.ts'

/** A dependency of Chart.yaml, with the version of Chart.lock where there is one. */
type Dependency = { readonly name: string; readonly version: string; readonly repository: string }

/** The chart and where it lies, for dependencies that lie beside it. */
export type ChartInTree = { readonly chart: LoadedChart; readonly tree: FileTree; readonly path: string }

const maxDependencies = 100
const maxIndexBytes = 50 * 1024 ** 2

/**
 * Files of the dependencies that the chart does not bring along: from the same source for `file://`, else from their
 * repository, for which a HelmRepository of the namespace with the same address gives the credentials.
 *
 * @throws {ToolkitError}
 */
export async function resolveDependencies(
  work: ChartWork,
  place: ChartInTree,
): Promise<readonly ChartFile[]> {
  const missing = dependenciesOf(place.chart).filter(({ name }) => !isVendored(place.chart, name))
  if (missing.length > maxDependencies) throw fail(`more than ${maxDependencies} dependencies`)
  const files: ChartFile[] = []
  for (const dependency of missing) {
    // One after the other: mostly there are few.
    files.push(...(await resolve(work, place, dependency)))
  }
  return files
}

function dependenciesOf(chart: LoadedChart): readonly Dependency[] {
  const requirements = chartFile(chart, 'requirements.yaml')
  const declared = list(requirements ? tableOf(requirements)['dependencies'] : chart.metadata['dependencies'])
  const lock = chartFile(chart, 'Chart.lock') ?? chartFile(chart, 'requirements.lock')
  const locked = new Map(
    list(lock && tableOf(lock)['dependencies']).map(({ name, version }) => [name, version] as const),
  )
  return declared.map((it) => ({ ...it, version: locked.get(it.name) || it.version }))
}

function isVendored({ files }: LoadedChart, name: string): boolean {
  const prefix = `charts/${name}-`
  return files.some(
    (file) =>
      file.name.startsWith(`charts/${name}/`) ||
      (file.name.startsWith(prefix) && /^\d[^/]*\.tgz$/.test(file.name.slice(prefix.length))),
  )
}

async function resolve(
  work: ChartWork,
  place: ChartInTree,
  dependency: Dependency,
): Promise<readonly ChartFile[]> {
  const { name, version, repository } = dependency
  if (repository === '' || repository.startsWith('file://')) {
    return localDependency(work, place, dependency)
  }
  const { deps, run } = work
  const found = await findRepository(work, repository)
  const isOci = repository.startsWith('oci://')
  const options = { deps, signal: run.signal, maxBytes: deps.helmChartMaxBytes ?? 10 * 1024 ** 2 }
  const index = isOci ? undefined : await fetchIndexOf(work, found)
  const chart = await remoteChart(found, name, { ...options, index })
  const selected = await chart.find(version)
  return [{ name: `charts/${name}-${selected.version}.tgz`, data: await chart.download(selected) }]
}

function localDependency(
  { deps }: ChartWork,
  { tree, path }: ChartInTree,
  { name, repository }: Dependency,
): readonly ChartFile[] {
  const relative = repository === '' ? `charts/${name}` : repository.slice('file://'.length)
  // Paths that climb stay within the source, as Flux resolves them.
  const target = posix.join('/', path, relative).slice(1).replace(/\/$/, '')
  const { files } = readChartAt(tree, target, chartLimits(deps))
  return files.map((file) => ({ name: `charts/${name}/${file.name}`, data: file.data }))
}

async function findRepository({ run, deps }: ChartWork, url: string): Promise<HelmRepository> {
  const resource = resourceOf(helmRepositoryDefinition)
  const { namespace } = run.key
  const { items } = await deps.cluster.list(resource, { namespace, signal: run.signal })
  const known = items
    .map(decodeHelmRepository)
    .find(({ spec }) => withoutSlash(spec.url) === withoutSlash(url))
  return (
    known ??
    decodeHelmRepository({
      apiVersion: `${resource.group}/${resource.version}`,
      kind: resource.kind,
      metadata: { name: 'anonymous', namespace },
      spec: { url, type: url.startsWith('oci://') ? 'oci' : 'default' },
    })
  )
}

function fetchIndexOf({ deps, run }: ChartWork, { spec, status }: HelmRepository): Promise<Uint8Array> {
  if (status?.artifact) return deps.store.read(status.artifact)
  return fetchChartIndex(
    { url: spec.url },
    { http: deps.http, signal: run.signal, timeoutMs: 60_000, maxBytes: maxIndexBytes, gunzip },
  )
}

function tableOf(data: Uint8Array): Readonly<Record<string, unknown>> {
  const value: unknown = parseYaml(new TextDecoder().decode(data))
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function list(value: unknown): readonly Dependency[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((it: unknown) => {
    const { name, version, repository } = (it ?? {}) as Record<string, unknown>
    if (typeof name !== 'string' || !/^[\w.-]+$/.test(name)) return []
    return [{ name, version: textOf(version), repository: textOf(repository) }]
  })
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fail(why: string): ToolkitError {
  return new ToolkitError('CHART_DEPENDENCY', why)
}
