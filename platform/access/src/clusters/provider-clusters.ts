import type { CloudLogins } from '@sluice/cloud'
import type { DescribedConnection } from '@sluice/cluster'
import { type AccountKey, serviceAccounts } from '../identity/service-account-token.ts'
import { cloudCluster, isCloudProvider } from './cloud-cluster.ts'
import { ClusterAccessError, noToken } from './cluster-access-error.ts'
import type { Account, DescribedCluster, ProviderOptions, ReachedCluster } from './described-cluster.ts'
import { genericCluster } from './generic-cluster.ts'

type Call = { readonly signal: AbortSignal }

/** The connection that the data of a ConfigMap describe. @throws {ClusterAccessError | CloudError} */
export type ProviderClusters = (
  data: Readonly<Record<string, string>>,
  namespace: string,
  call: Call,
) => Promise<DescribedConnection>

/** Clusters that are kept, with their tokens. */
const remembered = 100

/**
 * Clusters that ConfigMaps describe: `provider`, `cluster`, `address`, `ca.crt`, `audiences` (one a line) and
 * `serviceAccountName`. What is known of one is kept; the least recently used goes.
 *
 * Source: FEATURES of Flux 2.9, §10; fluxcd/pkg auth.
 */
export function providerClusters(options: ProviderOptions): ProviderClusters {
  const kept = new Map<string, ReachedCluster>()
  let loading: Promise<CloudLogins> | undefined

  const reach = async (described: DescribedCluster, call: Call): Promise<ReachedCluster> => {
    const { provider, account } = described
    const { http, surroundings, clock } = options
    const isCloud = isCloudProvider(provider) && http && surroundings
    if (provider !== 'generic' && !isCloud) {
      throw new ClusterAccessError(`provider '${provider}' not implemented`)
    }
    if (account && !options.objectLevelWorkloadIdentity) {
      throw noToken(new ClusterAccessError('ObjectLevelWorkloadIdentity feature gate is not enabled'))
    }
    if (!isCloud) return await genericCluster(described, options, call)
    // What knows the clouds is loaded when the first cluster needs it.
    loading ??= import('@sluice/cloud').then(({ createCloudLogins }) =>
      createCloudLogins({ http, clock, surroundings }),
    )
    return await cloudCluster(provider, described, { options, logins: await loading, call })
  }

  return async (data, namespace, call) => {
    const described = await describe(data, namespace, { options, call })
    const identity = JSON.stringify([namespace, described])
    const cluster = kept.get(identity) ?? (await reach(described, call))
    kept.delete(identity)
    kept.set(identity, cluster)
    const [oldest] = kept.keys()
    if (kept.size > remembered && oldest !== undefined) kept.delete(oldest)
    const { server, ca, credentials } = cluster
    return { identity, connection: { server, ...(ca && { ca }), credentials, namespace: 'default' } }
  }
}

async function describe(
  data: Readonly<Record<string, string>>,
  namespace: string,
  { options, call }: { readonly options: ProviderOptions; readonly call: Call },
): Promise<DescribedCluster> {
  const { provider = '', cluster = '', address = '', 'ca.crt': ca = '', audiences = '' } = data
  const name = data['serviceAccountName'] || options.defaultServiceAccount
  return {
    provider,
    cluster,
    address,
    ca,
    audiences: audiences.split('\n').flatMap((line) => line.trim() || []),
    account: name ? await readAccount({ namespace, name }, options, call) : undefined,
  }
}

async function readAccount(
  key: AccountKey,
  { cluster }: ProviderOptions,
  { signal }: Call,
): Promise<Account> {
  try {
    const { metadata } = await cluster.get(serviceAccounts, key, { signal })
    return { ...key, uid: metadata.uid ?? '', annotations: metadata.annotations ?? {} }
  } catch (cause) {
    const message = `failed to get service account '${key.namespace}/${key.name}'`
    throw noToken(new ClusterAccessError(message, { cause }))
  }
}
