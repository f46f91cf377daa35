import { SecretError } from '@sluice/access'
import type { Chart } from '@sluice/chart'
import { GoError } from '@sluice/go'
import { HelmRepositoryError } from '@sluice/helmrepo'
import { errorChain, ToolkitError } from '@sluice/ports'
import type { SignatureCheck } from '@sluice/signatures'
import { type HelmRepository, reasons, sourceReasons } from '@sluice/toolkit'
import { normalizedUrl } from '../shared/helm-remote.ts'
import { checkName, signatureCheckOf } from '../shared/signature-check.ts'
import { BuildFailure, building, UnreadableSource } from './build-failure.ts'
import { loadPackedChart, metadataOfArchive, packChart, withValues } from './chart-package.ts'
import type { ChartBuild, ChartSource, ChartWork } from './chart-work.ts'
import { storedBuild, withVersionMetadata } from './planned-build.ts'
import { chartLimits, type RemoteChart, remoteChart } from './remote-chart.ts'
import { mergeChartFiles, valuesFilesOf } from './values-files.ts'

const { invalidChartReference, chartPullError, metadataPatchError, valuesFilesError } = sourceReasons
const { chartPackageError, authenticationFailed, chartVerificationError, urlInvalid } = sourceReasons

/** What tells that a failure is one of authentication. Source: fluxcd/source-controller, buildFromHelmRepository. */
const authenticationWords = [
  '401',
  'unauthorized',
  'authentication required',
  'tls',
  'unknown certificate authority',
]

type RepositorySource = Extract<ChartSource, { readonly kind: 'HelmRepository' }>

/**
 * Pulls a chart from a HelmRepository and, where other values are asked for, packs it anew.
 *
 * @throws {BuildFailure | UnreadableSource}
 */
export async function buildFromRepository(work: ChartWork, source: RepositorySource): Promise<ChartBuild> {
  const remote = await openRepository(work, source)
  const check = source.repository.spec.type === 'oci' ? await checkOf(work) : undefined
  try {
    return await pullChart(work, { remote, check })
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error
    const message = errorChain(error)
    if (!authenticationWords.some((word) => message.includes(word))) throw error
    throw new UnreadableSource(
      authenticationFailed,
      `failed to authenticate with the Helm repository: ${message}`,
    )
  }
}

async function openRepository(
  { run, deps }: ChartWork,
  { repository, artifact }: RepositorySource,
): Promise<RemoteChart> {
  const known = checkUrl(repository)
  try {
    return await remoteChart(known, run.object.spec.chart, {
      deps,
      signal: run.signal,
      maxBytes: deps.helmChartMaxBytes ?? 10 * 1024 ** 2,
      index: artifact && (await deps.store.read(artifact)),
    })
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    const { message, cause } = error
    throw new UnreadableSource(authenticationFailed, message, cause === undefined ? {} : { cause })
  }
}

function checkUrl(repository: HelmRepository): HelmRepository {
  try {
    const url = normalizedUrl(repository.spec.url)
    if (repository.spec.type !== 'oci' || url.startsWith('oci://')) return repository
    const message = `failed to construct Helm client: invalid OCI registry URL: ${url}`
    throw new UnreadableSource(reasons.failed, message, { isPersistent: true })
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
    const options = { cause, isPersistent: true }
    throw new UnreadableSource(urlInvalid, 'invalid Helm repository URL', options)
  }
}

/** What the signature is checked with; nothing when `spec.verify` does not ask for it. */
async function checkOf({ run, deps }: ChartWork): Promise<SignatureCheck | undefined> {
  const { verify } = run.object.spec
  if (!verify) return undefined
  const place = { namespace: run.key.namespace, subject: run.key.name, signal: run.signal }
  try {
    const check = await signatureCheckOf(deps.cluster, verify, place)
    if (check.kind !== 'cosign' || check.publicKeys.length > 0) return check
    const secret = `${place.namespace}/${verify.secretRef?.name ?? ''}`
    throw new SecretError(`no public keys found in secret '${secret}'`)
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    const message = `failed to verify the signature using provider '${checkName(verify)}'`
    throw new UnreadableSource(sourceReasons.verificationError, message, { cause })
  }
}

type Remote = { readonly remote: RemoteChart; readonly check: SignatureCheck | undefined }

async function pullChart(work: ChartWork, { remote, check }: Remote): Promise<ChartBuild> {
  const { run, deps } = work
  const { chart: name, version: range = '', verify } = run.object.spec
  requireName(name)
  const found = await finding(() => remote.find(range))
  const network = { http: deps.http, signal: run.signal }
  const verified = verify
    ? await building(chartVerificationError, () =>
        remote.verify(found, check, { now: run.startedAt, network }),
      )
    : undefined
  const metadata = valuesFilesOf(run.object).length > 0 ? String(run.object.metadata.generation ?? 0) : ''
  const version = await building(metadataPatchError, () => withVersionMetadata(found.version, metadata))
  const verification = verified && { verification: verified.result }
  const planned = { name: found.name, version, isPackaged: metadata !== '', ...verification }
  const stored = await storedBuild(work, planned)
  if (stored) return stored
  const message = 'failed to download chart for remote reference'
  const content = await building(chartPullError, () => remote.download(found, verified?.digest), message)
  const limits = chartLimits(deps)
  if (metadata === '') {
    const unreadable = 'failed to load chart metadata from written chart'
    await building(chartPullError, () => metadataOfArchive(content, limits), unreadable)
    return { ...planned, valuesFiles: [], content }
  }
  const loading = 'failed to load downloaded chart'
  const chart = await building(chartPackageError, () => loadPackedChart(content, limits), loading)
  return packWithValues(work, chart, planned)
}

async function packWithValues(
  { run }: ChartWork,
  chart: Chart,
  planned: Omit<ChartBuild, 'valuesFiles' | 'content'>,
): Promise<ChartBuild> {
  const merging = 'failed to merge chart values'
  const merged = await building(valuesFilesError, () => mergeChartFiles(run.object, chart), merging)
  const changed = await building(valuesFilesError, () => withValues(chart, merged.values))
  const content = await building(chartPackageError, () => packChart(changed ?? chart, planned.version))
  return { ...planned, valuesFiles: changed ? merged.used : [], content }
}

/** Source: fluxcd/source-controller internal/helm/chart, RemoteReference. */
function requireName(name: string): void {
  if (/^(?:[-a-z0-9]+\/?\.?)+$/.test(name)) return
  throw new BuildFailure(
    invalidChartReference,
    `invalid chart name '${name}': a valid name must be lower case letters and numbers and MAY be separated ` +
      'with dashes (-), slashes (/) or periods (.)',
  )
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
