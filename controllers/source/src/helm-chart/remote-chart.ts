import type { ChartLimits } from '@sluice/chart'
import {
  type ChartVersion,
  downloadChart,
  downloadOciChart,
  findOciChartVersion,
  HelmRepositoryError,
  parseChartIndex,
  selectChartVersion,
} from '@sluice/helmrepo'
import { gunzip } from '@sluice/host'
import { ociRepository, parseOciReference } from '@sluice/oci'
import type { HelmRepository } from '@sluice/toolkit'
import { durationMs } from '../shared/duration.ts'
import {
  type HelmSecrets,
  httpRepositoryOf,
  readHelmSecrets,
  registryCredentialsOf,
} from '../shared/helm-remote.ts'
import type { HelmChartDeps } from './chart-work.ts'

/** A chart in a repository: which version there is, and its archive. */
export type RemoteChart = {
  readonly find: (range: string) => Promise<ChartVersion>
  readonly download: (version: ChartVersion) => Promise<Uint8Array>
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
      return selectChartVersion(parseChartIndex(index).entries.get(name), name, range)
    },
    download: (version) =>
      downloadChart(version, httpRepositoryOf(repository, secrets), {
        http: deps.http,
        signal,
        timeoutMs,
        maxBytes,
        gunzip,
      }),
  }
}

function ociChart(
  { spec }: HelmRepository,
  name: string,
  { deps, signal, maxBytes, secrets }: WithSecrets,
): RemoteChart {
  const url = `${spec.url.replace(/\/+$/, '')}/${name}`
  const reference = parseOciReference(url)
  const credentials = registryCredentialsOf(secrets, reference)
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
    download: (version) => downloadOciChart(chart, version, { maxBytes }),
  }
}
