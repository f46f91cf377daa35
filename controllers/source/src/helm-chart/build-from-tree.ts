import { posix } from 'node:path'
import { unpackedPlace } from '@sluice/artifact'
import { commitOfRevision } from '@sluice/git'
import { ArchiveError, unpackTarGz } from '@sluice/host'
import { type FileTree, ToolkitError } from '@sluice/ports'
import { type Artifact, type HelmChart, reasons, sourceReasons } from '@sluice/toolkit'
import { BuildFailure, building, UnreadableSource } from './build-failure.ts'
import { isChartDirectory, loadChartAt, metadataAt, packChart, withValues } from './chart-package.ts'
import type { ChartBuild, ChartSource, ChartWork } from './chart-work.ts'
import { resolveDependencies } from './dependencies.ts'
import { type PlannedBuild, storedBuild, withVersionMetadata } from './planned-build.ts'
import { chartLimits } from './remote-chart.ts'
import { mergeTreeFiles, valuesFilesOf } from './values-files.ts'

const { invalidChartReference, metadataPatchError, valuesFilesError } = sourceReasons
const { dependencyBuildError, chartPackageError } = sourceReasons
const maxSourceBytes = 1024 ** 3

type TreeSource = Extract<ChartSource, { readonly kind: 'GitRepository' | 'Bucket' }>

/**
 * Packages a chart that lies in the artifact of another source, unless it is packed there and wanted as it is.
 *
 * @throws {BuildFailure | UnreadableSource}
 */
export async function buildFromTree(work: ChartWork, source: TreeSource): Promise<ChartBuild> {
  const { run, deps } = work
  const tree = await unpack(work, source.artifact)
  const path = pathOf(run.object.spec.chart)
  const limits = chartLimits(deps)
  const { name, version: own } = await building(invalidChartReference, () =>
    metadataAt(tree, path, { limits, place: placeOf(run.object, source.artifact) }),
  )
  const metadata = versionMetadata(work, source)
  const version = await building(metadataPatchError, () => withVersionMetadata(own, metadata))
  const isPackaged = isChartDirectory(tree, path) || metadata !== ''
  const planned = { name, version, isPackaged }
  const stored = await storedBuild(work, planned)
  if (stored) return stored
  return isPackaged
    ? packageChart(work, { tree, path, planned })
    : { ...planned, valuesFiles: [], content: tree.read(path) }
}

async function packageChart(
  work: ChartWork,
  { tree, path, planned }: { readonly tree: FileTree; readonly path: string; readonly planned: PlannedBuild },
): Promise<ChartBuild> {
  const { run, deps } = work
  const merged =
    valuesFilesOf(run.object).length > 0
      ? await building(valuesFilesError, () => mergeTreeFiles(run.object, tree))
      : undefined
  const loaded = await building(chartPackageError, () => loadChartAt(tree, path, chartLimits(deps)))
  const changed = merged && (await building(valuesFilesError, () => withValues(loaded, merged.values)))
  const chart = changed ?? loaded
  const added = isChartDirectory(tree, path)
    ? await building(dependencyBuildError, () => resolveDependencies(work, { chart, tree, path }))
    : []
  const whole = { ...chart, dependencies: [...chart.dependencies, ...added] }
  const content = await building(chartPackageError, () => packChart(whole, planned.version))
  const valuesFiles = changed && merged ? merged.used : []
  return { ...planned, valuesFiles, content, resolvedDependencies: added.length }
}

async function unpack({ deps }: ChartWork, artifact: Artifact): Promise<FileTree> {
  try {
    return await unpackTarGz(await deps.store.read(artifact), { maxBytes: maxSourceBytes })
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    if (cause instanceof ArchiveError) {
      throw new UnreadableSource(reasons.failed, 'artifact untar error', { cause })
    }
    throw new UnreadableSource(sourceReasons.readOperationFailed, 'failed to open source artifact', { cause })
  }
}

/** How errors call the place where a source's files are. */
function placeOf({ metadata }: HelmChart, { digest }: Artifact): string {
  return `${unpackedPlace(`helmchart-${metadata.namespace}-${metadata.name}`, digest)}/source/`
}

function pathOf(reference: string): string {
  if (reference.startsWith('/')) {
    throw new BuildFailure(invalidChartReference, 'local chart reference path is expected to be relative')
  }
  // Paths that climb stay within the source, as Flux resolves them.
  return posix.join('/', reference).slice(1).replace(/\/$/, '')
}

/** What is added to the version: of the source's revision, and of the object's generation where values are merged. */
function versionMetadata({ run }: ChartWork, { kind, artifact }: TreeSource): string {
  const { reconcileStrategy } = run.object.spec
  const { revision } = artifact
  const hash = kind === 'Bucket' ? revision.replace(/^\w+:/, '') : commitOfRevision(revision)
  return [
    ...(reconcileStrategy === 'Revision' ? [hash.slice(0, 12)] : []),
    ...(valuesFilesOf(run.object).length > 0 ? [String(run.object.metadata.generation ?? 0)] : []),
  ].join('.')
}
