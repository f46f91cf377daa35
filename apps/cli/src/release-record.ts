import { ChartError, type Release, recordName, releaseOfRecord } from '@sluice/chart'
import { type Cluster, isApiError } from '@sluice/cluster'
import { hostCompression } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import type { HelmRelease } from '@sluice/toolkit'
import { CliError } from './cli-error.ts'

/**
 * Helm's record of the latest release of a HelmRelease; nothing when there is none, or when it is in another cluster.
 *
 * @throws {CliError} when the record cannot be read.
 */
export async function latestRelease(
  { spec, status }: HelmRelease,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<Release | undefined> {
  const latest = status?.history?.[0]
  const namespace = status?.storageNamespace
  if (spec.kubeConfig || !latest || !namespace) return undefined
  const name = recordName(latest.name, latest.version)
  try {
    const secrets = await cluster.resourceFor('v1', 'Secret', { signal })
    return decoded(await cluster.get(secrets, { namespace, name }, { signal }))
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

function decoded(record: KubeObject): Release {
  try {
    return releaseOfRecord(record, { compression: hostCompression })
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    throw new CliError(`failed to decode the Helm storage object '${record.metadata.name ?? ''}'`, { cause })
  }
}
