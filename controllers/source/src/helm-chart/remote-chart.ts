import type { ChartLimits, ChartVersion } from '@sluice/chart'
import {
  downloadChart,
  downloadOciChart,
  findOciChartVersion,
  HelmRepositoryError,
  ociTagOf,
  selectChartVersion,
  versionsOfChart,
} from '@sluice/helmrepo'
import { gunzip } from '@sluice/host'
import { ociRepository, parseOciReference } from '@sluice/oci'
import { ToolkitError } from '@sluice/ports'
import {
  type SignatureCheck,
  type SignatureResult,
  type VerifyOptions,
  verifySignature,
} from '@sluice/signatures'
import type { HelmRepository } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import {
  type HelmSecrets,
  httpRepositoryOf,
  providerCredentialsOf,
  readHelmSecrets,
  registryCredentialsOf,
} from '../shared/helm-remote.ts'
import type { HelmChartDeps } from './chart-work.ts'

/** A chart in a repository: which version there is, and its archive. */
export type RemoteChart = {
  readonly find: (range: string) => Promise<ChartVersion>
  /** @param digest of the manifest that was verified. */
  readonly download: (version: ChartVersion, digest?: string) => Promise<Uint8Array>
  /**
   * The digest of the version's manifest, once a signature of it is found that satisfies the check.
   *
   * @throws {ToolkitError}
   */
  readonly verify: (
    version: ChartVersion,
    check: SignatureCheck | undefined,
    options: VerifyOptions,
  ) => Promise<{ readonly digest: string; readonly result: SignatureResult }>
}

export type RemoteChartOptions = {
  readonly deps: HelmChartDeps
  readonly signal: AbortSignal
  readonly maxBytes: number
  /** The stored index, for repositories over HTTP. */
  readonly index: Uint8Array | undefined
}

/** Bounds on what a chart may be, by the controller's settings. */
export function chartLimits({ helmChartMaxBytes, helmChartFileMaxBytes }: HelmChartDeps): ChartLimits {
  const maxChartBytes = helmChartMaxBytes ?? 10 * 1024 ** 2
  return {
    // The bound is on the packed chart; manifests shrink to about a tenth.
    maxChartBytes: maxChartBytes * 10,
    maxFileBytes: helmChartFileMaxBytes ?? 5 * 1024 ** 2,
    maxFiles: 50_000,
  }
}

/** The chart `name` of a HelmRepository. @throws {SecretError} */
export async function remoteChart(
  repository: HelmRepository,
  name: string,
  options: RemoteChartOptions,
): Promise<RemoteChart> {
  const secrets = await readHelmSecrets(options.deps.cluster, repository, options)
  return repository.spec.type === 'oci'
    ? ociChart(repository, name, { ...options, secrets })
    : httpChart(repository, name, { ...options, secrets })
}

type WithSecrets = RemoteChartOptions & { readonly secrets: HelmSecrets }

function httpChart(
  repository: HelmRepository,
  name: string,
  { deps, signal, maxBytes, index, secrets }: WithSecrets,
): RemoteChart {
  const timeoutMs = durationMs(repository.spec.timeout, 60_000)
  return {
    find: async (range) => {
      if (!index) throw new HelmRepositoryError('HELM_INDEX', 'no chart index')
      return selectChartVersion(versionsOfChart(index, name), name, range)
    },
    download: (version) =>
      downloadChart(version, httpRepositoryOf(repository, secrets), {
        http: deps.http,
        signal,
        timeoutMs,
        maxBytes,
        gunzip,
      }),
    verify: async () => {
      throw new HelmRepositoryError('HELM_SIGNATURE', 'not implemented')
    },
  }
}

async function ociChart(
  { spec, metadata, kind }: HelmRepository,
  name: string,
  { deps, signal, maxBytes, secrets }: WithSecrets,
): Promise<RemoteChart> {
  const { namespace = '' } = metadata
  const owner = { kind, namespace, name: metadata.name ?? '' }
  const url = `${spec.url.replace(/\/+$/, '')}/${name}`
  const reference = parseOciReference(url)
  const login = { namespace, owner, signal }
  const credentials =
    registryCredentialsOf(secrets, reference) ??
    (await providerCredentialsOf(spec.provider, reference, { cloud: deps.cloud, login }))
  const client = ociRepository(
    {
      ...reference,
      insecure: spec.insecure ?? false,
      ...(credentials ? { credentials } : {}),
      ...(secrets.tls ? { tls: secrets.tls } : {}),
    },
    { http: deps.http, signal, timeoutMs: durationMs(spec.timeout, 60_000), userAgent: 'helm/sluice' },
  )
  const chart = { client, name, url }
  return {
    find: (range) => findOciChartVersion(chart, range),
    download: (version, digest) =>
      downloadOciChart(chart, version, digest === undefined ? { maxBytes } : { maxBytes, digest }),
    verify: async ({ version }, check, options) => {
      if (!check) throw new HelmRepositoryError('HELM_SIGNATURE', 'no verifiers available')
      try {
        const digest = await client.resolve(ociTagOf(version))
        const place = url.replace(/^oci:\/\//, '')
        return { digest, result: await verifySignature({ client, place, digest }, check, options) }
      } catch (cause) {
        if (!(cause instanceof ToolkitError)) throw cause
        const message = `failed to verify ${url}:${ociTagOf(version)}`
        throw new HelmRepositoryError('HELM_SIGNATURE', message, { cause })
      }
    },
  }
}
