import { posix } from 'node:path'
import type { Chart, Dependency } from '@sluice/chart'
import { parseConstraint, parseGoUrl, parseVersion, SemverError } from '@sluice/go'
import { fetchChartIndex } from '@sluice/helmrepo'
import { gunzip } from '@sluice/host'
import { type FileTree, ToolkitError } from '@sluice/ports'
import {
  decodeHelmRepository,
  type HelmRepository,
  helmRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { normalizedUrl } from '../shared/helm-remote.ts'
import { loadChartAt, loadPackedChart } from './chart-package.ts'
import type { ChartWork } from './chart-work.ts'
import { chartLimits, remoteChart } from './remote-chart.ts'

/** The chart and where it lies, for dependencies that lie beside it. */
export type ChartInTree = { readonly chart: Chart; readonly tree: FileTree; readonly path: string }

const maxDependencies = 100
const maxIndexBytes = 50 * 1024 ** 2

/**
 * Dependencies that the chart declares and does not bring along: from the same source for `file://`, else from their
 * repository, for which a HelmRepository of the namespace with the same address gives the credentials. What a lock file
 * says counts before what Chart.yaml says.
 *
 * Source: fluxcd/source-controller internal/helm/chart, dependency_manager.go.
 * @throws {ToolkitError}
 */
export async function resolveDependencies(work: ChartWork, place: ChartInTree): Promise<readonly Chart[]> {
  const missing = missingOf(place.chart)
  if (missing.size > maxDependencies) throw fail(`more than ${maxDependencies} dependencies`)
  const found: Chart[] = []
  for (const [name, dependency] of missing) {
    const kind = isLocal(dependency) ? 'local' : 'remote'
    try {
      // One after the other: mostly there are few.
      const chart = kind === 'local' ? local(work, place, dependency) : await remote(work, dependency)
      found.push(dependency.alias === '' ? chart : renamed(chart, dependency.alias))
    } catch (cause) {
      if (!(cause instanceof ToolkitError)) throw cause
      throw fail(`failed to add ${kind} dependency '${name}'`, cause)
    }
  }
  return found
}

/** By alias or name. */
function missingOf({ metadata, lock, dependencies }: Chart): ReadonlyMap<string, Dependency> {
  const wanted = lock ? (lock.dependencies ?? []) : metadata.dependencies
  if (dependencies.length === wanted.length) return new Map()
  const there = new Set(dependencies.map((it) => it.metadata.name))
  return new Map(
    wanted
      .map((it) => [it.alias === '' ? it.name : it.alias, it] as const)
      .filter(([name]) => !there.has(name)),
  )
}

function isLocal({ repository }: Dependency): boolean {
  return repository === '' || repository.startsWith('file://')
}

function renamed(chart: Chart, name: string): Chart {
  return { ...chart, metadata: { ...chart.metadata, name } }
}

function local({ deps }: ChartWork, { tree, path }: ChartInTree, dependency: Dependency): Chart {
  const { name, version, repository } = dependency
  const relative = repository === '' ? `charts/${name}` : pathOf(repository)
  // Paths that climb stay within the source, as Flux resolves them.
  const target = posix.join('/', path, relative).slice(1).replace(/\/$/, '')
  if (target !== '' && !tree.stat(target)) {
    throw fail(`no chart found at '/${target}' (reference '${repository}')`)
  }
  const constraint = explain(`invalid version/constraint format '${version}'`, () => parseConstraint(version))
  const chart = explain(`failed to load chart from '/${target}' (reference '${repository}')`, () =>
    loadChartAt(tree, target, chartLimits(deps)),
  )
  if (constraint.check(parseVersion(chart.metadata.version))) return chart
  throw fail(`can't get a valid version for constraint '${version}'`)
}

function pathOf(repository: string): string {
  const { host, path } = explain('failed to parse alleged local chart reference', () =>
    parseGoUrl(repository),
  )
  return `${host}/${path}`
}

async function remote(work: ChartWork, { name, version, repository }: Dependency): Promise<Chart> {
  const { deps, run } = work
  const url = normalizedUrl(repository)
  requireRepositoryUrl(url)
  const known = await findRepository(work, url)
  const chart = await explained(`failed to get chart repository for URL '${url}'`, async () => {
    const options = { deps, signal: run.signal, maxBytes: deps.helmChartMaxBytes ?? 10 * 1024 ** 2 }
    const index = url.startsWith('oci://') ? undefined : await fetchIndexOf(work, known)
    return remoteChart(known, name, { ...options, index })
  })
  const selected = await explained(
    `failed to get chart '${name}' version '${version}' from '${repository}'`,
    () => chart.find(version),
  )
  const archive = await explained(`chart download of version '${selected.version}' failed`, () =>
    chart.download(selected),
  )
  return explain(`failed to load downloaded archive of version '${selected.version}'`, () =>
    loadPackedChart(archive, chartLimits(deps)),
  )
}

function requireRepositoryUrl(url: string): void {
  if (/^(?:oci|https:\/\/|http:\/\/)/.test(url)) return
  throw fail(
    url.startsWith('@')
      ? `aliased repository dependency is not supported: ${url}`
      : `invalid dependency repository URL: ${url}`,
  )
}

async function findRepository({ run, deps }: ChartWork, url: string): Promise<HelmRepository> {
  const resource = resourceOf(helmRepositoryDefinition)
  const { namespace } = run.key
  const { items } = await deps.cluster.list(resource, { namespace, signal: run.signal })
  const known = items.map(decodeHelmRepository).find(({ spec }) => isSameUrl(spec.url, url))
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

function isSameUrl(of: string, url: string): boolean {
  try {
    return normalizedUrl(of) === url
  } catch (error) {
    if (error instanceof ToolkitError) return false
    throw error
  }
}

function fetchIndexOf({ deps, run }: ChartWork, { spec, status }: HelmRepository): Promise<Uint8Array> {
  if (status?.artifact) return deps.store.read(status.artifact)
  return fetchChartIndex(
    { url: spec.url },
    { http: deps.http, signal: run.signal, timeoutMs: 60_000, maxBytes: maxIndexBytes, gunzip },
  )
}

function explain<T>(message: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof ToolkitError || cause instanceof SemverError)) throw cause
    throw fail(message, cause)
  }
}

async function explained<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw fail(message, cause)
  }
}

function fail(why: string, cause?: unknown): ToolkitError {
  return new ToolkitError('CHART_DEPENDENCY', why, cause === undefined ? undefined : { cause })
}
