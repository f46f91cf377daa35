import type { CloudIdentity, CloudLogins, CloudProvider, ClusterEndpoint, ClusterLogin } from '@sluice/cloud'
import type { Cluster } from '@sluice/cluster'
import { renewedCredentials } from '../identity/bearer-token.ts'
import { requestToken } from '../identity/service-account-token.ts'
import { ClusterAccessError, noToken } from './cluster-access-error.ts'
import { parseClusterAddress } from './cluster-address.ts'
import type { DescribedCluster, ProviderOptions, ReachedCluster } from './described-cluster.ts'

type Call = { readonly signal: AbortSignal }

export function isCloudProvider(name: string): name is CloudProvider {
  return name === 'aws' || name === 'azure' || name === 'gcp'
}

/**
 * A managed cluster of a cloud. Its address and certificate are asked for unless both are given.
 *
 * Source: fluxcd/pkg auth.
 */
export async function cloudCluster(
  provider: CloudProvider,
  described: DescribedCluster,
  {
    options,
    logins,
    call,
  }: { readonly options: ProviderOptions; readonly logins: CloudLogins; readonly call: Call },
): Promise<ReachedCluster> {
  const { cluster, address, ca } = described
  const identity = identityOf(described, options.cluster)
  const ask = async (describe: boolean, again: Call): Promise<ClusterLogin> => {
    try {
      return await logins.cluster(provider, { cluster, describe }, identity, again)
    } catch (cause) {
      again.signal.throwIfAborted()
      throw noToken(cause)
    }
  }
  let first: ClusterLogin | undefined = await ask(address === '' || ca === '', call)
  const endpoint = endpointFor(described, first.endpoints)
  const credentials = renewedCredentials(async (again) => {
    const login = first ?? (await ask(false, again))
    first = undefined
    return login
  }, options)
  return { server: parseClusterAddress(endpoint.address), ca: endpoint.ca, credentials }
}

function identityOf({ account, audiences }: DescribedCluster, cluster: Cluster): CloudIdentity {
  if (!account) return { kind: 'controller' }
  return {
    kind: 'serviceAccount',
    ...account,
    token: async (audience, { signal }) => {
      const wanted = audiences.length > 0 ? audiences : [audience]
      return (await requestToken(cluster, account, { audiences: wanted, signal })).token
    },
  }
}

/** What the ConfigMap says comes before what the cloud says. */
function endpointFor(
  { provider, cluster, address, ca }: DescribedCluster,
  endpoints: readonly ClusterEndpoint[],
): ClusterEndpoint {
  if (address !== '' && ca !== '') return { address, ca }
  // Azure gives several kubeconfigs: the address says which is meant.
  const found =
    provider === 'azure' && address !== ''
      ? endpoints.find((it) => parseClusterAddress(it.address) === parseClusterAddress(address))
      : endpoints[0]
  if (!found) {
    const addresses = endpoints.map((it) => `'${it.address}'`).join(', ')
    throw new ClusterAccessError(
      `no kubeconfig found for AKS cluster ${cluster} matching the specified address '${address}'. cluster addresses: [${addresses}]`,
    )
  }
  return { address: address || found.address, ca: ca || found.ca }
}
