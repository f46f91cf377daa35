import { posix } from 'node:path'
import { SecretError } from '@sluice/access'
import type { ChartVersion } from '@sluice/chart'
import { commitOfRevision } from '@sluice/git'
import { parseVersion } from '@sluice/go'
import { HelmRepositoryError } from '@sluice/helmrepo'
import { unpackTarGz } from '@sluice/host'
import { errorChain, type FileTree, ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, messages, reasons, sourceReasons } from '@sluice/toolkit'
import { mergeValues, type ValuesTable } from '../shared/merge-values.ts'
import { checkName, signatureCheckOf } from '../shared/signature-check.ts'
import { BuildFailure, building } from './build-failure.ts'
import {
  chartFile,
  type LoadedChart,
  packChart,
  parseValues,
  readChartArchive,
  readChartAt,
} from './chart-package.ts'
import { type ChartBuild, type ChartSource, type ChartStep, type ChartWork, summaryOf } from './chart-work.ts'
import { resolveDependencies } from './dependencies.ts'
import { chartLimits, type RemoteChart, remoteChart } from './remote-chart.ts'

const { fetchFailed, buildFailed, artifactOutdated, sourceVerified } = conditionTypes
const { invalidChartReference, chartPullError, metadataPatchError, valuesFilesError } = sourceReasons
const { dependencyBuildError, chartPackageError, authenticationFailed, chartVerificationError } =
  sourceReasons
const maxSourceBytes = 1024 ** 3

/** Pulls or packages the chart, unless the stored one is still right. */
export const buildChart: ChartStep = async (work) => {
  const { run, source } = work
  if (!source) throw new TypeError('the source is found before it is used')
  if (!run.object.spec.verify) run.conditions.remove(sourceVerified)
  try {
    work.build =
      source.kind === 'HelmRepository'
        ? await buildFromRepository(work, source)
        : await buildFromTree(work, source)
  } catch (error) {
    return conclude(work, error)
  }
  run.conditions.remove(fetchFailed, buildFailed)
  return undefined
}

function conclude({ run }: ChartWork, error: unknown): Outcome {
  if (error instanceof SecretError) {
    const cause = error.cause === undefined ? {} : { cause: error.cause }
    throw new ReconcileFailure(authenticationFailed, error.message, { condition: fetchFailed, ...cause })
  }
  if (!(error instanceof BuildFailure)) throw error
  const message = errorChain(error)
  if (error.reason === chartVerificationError) {
    run.conditions.remove(fetchFailed, buildFailed)
    throw new ReconcileFailure(error.reason, message, { condition: sourceVerified })
  }
  if (/\b401\b|unauthorized|authentication required/i.test(message)) {
    throw new ReconcileFailure(
      authenticationFailed,
      `failed to authenticate with the Helm repository: ${message}`,
      { condition: fetchFailed },
    )
  }
  const [condition, other] = error.isBuilding ? [buildFailed, fetchFailed] : [fetchFailed, buildFailed]
  run.conditions.remove(other ?? '')
  if (!error.isPersistent) {
    throw new ReconcileFailure(error.reason, message, { condition: condition ?? fetchFailed })
  }
  run.conditions.markTrue(condition ?? fetchFailed, error.reason, message)
  return { kind: 'stalled', reason: error.reason, message }
}

async function buildFromRepository(
  work: ChartWork,
  { repository, artifact }: Extract<ChartSource, { readonly kind: 'HelmRepository' }>,
): Promise<ChartBuild> {
  const { run, deps } = work
  const { chart: name, version: range = '', valuesFiles = [] } = run.object.spec
  if (!/^[-a-z0-9.]+(?:\/[-a-z0-9.]+)*\/?$/.test(name) || name.split('/').includes('..')) {
    throw new BuildFailure(
      invalidChartReference,
      `invalid chart name '${name}': a valid name must be lower case letters and numbers and MAY be separated ` +
        'with dashes (-), slashes (/) or periods (.)',
    )
  }
  const maxBytes = deps.helmChartMaxBytes ?? 10 * 1024 ** 2
  const index = artifact && (await deps.store.read(artifact))
  const remote = await remoteChart(repository, name, { deps, signal: run.signal, maxBytes, index })
  const found = await finding(() => remote.find(range))
  const verified = await verifyChart(work, remote, found)
  const metadata = valuesFiles.length > 0 ? String(run.object.metadata.generation ?? 0) : ''
  const version = await building(metadataPatchError, () => withMetadata(found.version, metadata))
  const planned = { name: found.name, version, isPackaged: metadata !== '' }
  const stored = await observeBuild(work, planned)
  if (stored) return stored
  const message = 'failed to download chart for remote reference'
  const content = await building(chartPullError, () => remote.download(found, verified), message)
  const limits = chartLimits(deps)
  if (metadata === '') {
    await building(chartPullError, () => readChartArchive(content, limits))
    return { ...planned, valuesFiles: [], content }
  }
  const loaded = await building(
    chartPackageError,
    () => readChartArchive(content, limits),
    'failed to load downloaded chart',
  )
  const merged = await building(
    valuesFilesError,
    () => mergeOwnFiles(work, loaded),
    'failed to merge chart values',
  )
  return pack(loaded, { ...planned, valuesFiles: merged.used }, { values: merged.values, added: [] })
}

/** The digest of what was verified; nothing when `spec.verify` does not ask for it. */
async function verifyChart(
  { run, deps }: ChartWork,
  remote: RemoteChart,
  version: ChartVersion,
): Promise<string | undefined> {
  const { verify } = run.object.spec
  if (!verify) return undefined
  const { namespace } = run.key
  const { digest, result } = await building(
    chartVerificationError,
    async () => {
      const check = await signatureCheckOf(deps.cluster, verify, { namespace, signal: run.signal })
      return remote.verify(version, check, { now: run.startedAt })
    },
    `failed to verify the signature using provider '${checkName(verify)}'`,
  )
  if (result === 'verified') {
    const message = `verified signature of version ${version.version}`
    run.conditions.markTrue(sourceVerified, reasons.succeeded, message)
  } else {
    run.conditions.remove(sourceVerified)
  }
  return digest
}

async function buildFromTree(
  work: ChartWork,
  source: Extract<ChartSource, { readonly kind: 'GitRepository' | 'Bucket' }>,
): Promise<ChartBuild> {
  const { run, deps } = work
  const { chart: reference, valuesFiles = [] } = run.object.spec
  const path = posix.join('/', reference).slice(1).replace(/\/$/, '')
  const tree = await unpackTarGz(await deps.store.read(source.artifact), { maxBytes: maxSourceBytes })
  const chart = await building(invalidChartReference, () => readChartAt(tree, path, chartLimits(deps)))
  const metadata = versionMetadata(work, source)
  const version = await building(metadataPatchError, () => withMetadata(chart.version, metadata))
  const isDirectory = path === '' || tree.stat(path)?.kind === 'directory'
  const planned = { name: chart.name, version, isPackaged: isDirectory || metadata !== '' }
  const stored = await observeBuild(work, planned)
  if (stored) return stored
  if (!planned.isPackaged) return { ...planned, valuesFiles: [], content: tree.read(path) }
  const merged =
    valuesFiles.length > 0 ? await building(valuesFilesError, () => mergeTreeFiles(work, tree)) : undefined
  const added = isDirectory
    ? await building(dependencyBuildError, () => resolveDependencies(work, { chart, tree, path }))
    : []
  return pack(chart, { ...planned, valuesFiles: merged?.used ?? [] }, { values: merged?.values, added })
}

type Planned = Pick<ChartBuild, 'name' | 'version' | 'isPackaged'>

/** The build as it is stored, if that is what is wanted; otherwise what is coming is announced. */
async function observeBuild({ run, deps }: ChartWork, planned: Planned): Promise<ChartBuild | undefined> {
  const { spec, status = {}, metadata } = run.object
  const { artifact } = run.status
  const isForced = metadata.generation !== status.observedGeneration
  const isStored =
    artifact !== undefined &&
    artifact.revision === planned.version &&
    status.observedChartName === planned.name &&
    (await deps.store.has({ ...artifact, size: artifact.size ?? 0 }))
  if (isStored && !isForced) {
    return { ...planned, valuesFiles: status.observedValuesFiles ?? spec.valuesFiles ?? [] }
  }
  if (!isStored) {
    const message = summaryOf({ ...planned, valuesFiles: [] }, 'new')
    if (artifact) run.conditions.markTrue(artifactOutdated, sourceReasons.newChart, message)
    run.conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${message}`, { drift: true })
    await run.saveStatus()
  }
  return undefined
}

async function pack(
  chart: LoadedChart,
  build: Omit<ChartBuild, 'content'>,
  options: {
    readonly values: ValuesTable | undefined
    readonly added: Parameters<typeof packChart>[1]['added']
  },
): Promise<ChartBuild> {
  // Values that are the chart's own stay as they are written.
  const own = chartFile(chart, 'values.yaml')
  const isOwn =
    own !== undefined &&
    options.values !== undefined &&
    JSON.stringify(parseValues(own, 'values.yaml')) === JSON.stringify(options.values)
  const values = isOwn ? undefined : options.values
  const content = await building(chartPackageError, () =>
    packChart(chart, { version: build.version, values, added: options.added }),
  )
  return { ...build, content }
}

/** What is added to the version: of the source's revision, and of the object's generation where values are merged. */
function versionMetadata({ run }: ChartWork, { kind, artifact }: ChartSource): string {
  const { reconcileStrategy, valuesFiles = [] } = run.object.spec
  const revision = artifact?.revision ?? ''
  const hash = kind === 'Bucket' ? revision.replace(/^\w+:/, '') : commitOfRevision(revision)
  return [
    ...(reconcileStrategy === 'Revision' ? [hash.slice(0, 12)] : []),
    ...(valuesFiles.length > 0 ? [String(run.object.metadata.generation ?? 0)] : []),
  ].join('.')
}

function withMetadata(text: string, metadata: string): string {
  if (metadata === '') return text
  const { major, minor, patch, prerelease } = parseVersion(text)
  return `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}+${metadata}`
}

type Merged = { readonly values: ValuesTable; readonly used: readonly string[] }

/** Merges files of the source; their paths are relative to its root. */
function mergeTreeFiles(work: ChartWork, tree: FileTree): Merged {
  return mergeFiles(work, (reference) => {
    const path = posix.join('/', reference)
    const data = tree.stat(path.slice(1))?.kind === 'file' ? tree.read(path.slice(1)) : undefined
    return { data, missing: `no values file found at path '${path}' (reference '${reference}')` }
  })
}

/** Merges files of the chart itself. */
function mergeOwnFiles(work: ChartWork, chart: LoadedChart): Merged {
  return mergeFiles(work, (reference) => ({
    data: chartFile(chart, posix.normalize(reference)),
    missing: `no values file found at path '${reference}'`,
  }))
}

function mergeFiles(
  { run }: ChartWork,
  find: (reference: string) => { readonly data: Uint8Array | undefined; readonly missing: string },
): Merged {
  const { valuesFiles = [], ignoreMissingValuesFiles } = run.object.spec
  let values: ValuesTable = {}
  const used: string[] = []
  for (const reference of valuesFiles) {
    const { data, missing } = find(reference)
    if (!data && ignoreMissingValuesFiles) continue
    if (!data) throw new ToolkitError('VALUES_FILE_MISSING', missing)
    values = mergeValues(values, parseValues(data, reference))
    used.push(reference)
  }
  return { values, used }
}

async function finding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    const isReference = cause instanceof HelmRepositoryError && cause.code === 'HELM_REFERENCE'
    throw new BuildFailure(
      isReference ? invalidChartReference : chartPullError,
      new ToolkitError('CHART_VERSION', 'failed to get chart version for remote reference', { cause }),
    )
  }
}
