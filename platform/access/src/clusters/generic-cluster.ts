import { renewedCredentials } from '../identity/bearer-token.ts'
import { genericTokens } from '../identity/generic-tokens.ts'
import { ClusterAccessError, noToken } from './cluster-access-error.ts'
import { parseClusterAddress } from './cluster-address.ts'
import type { DescribedCluster, ProviderOptions, ReachedCluster } from './described-cluster.ts'

/** A cluster that takes tokens of ServiceAccounts, because it trusts who issues them. */
export async function genericCluster(
  { address, ca, account, audiences: named }: DescribedCluster,
  options: ProviderOptions,
  call: { readonly signal: AbortSignal },
): Promise<ReachedCluster> {
  // A cluster takes tokens that are for itself, unless it is configured otherwise.
  const audiences = named.length > 0 ? named : [address]
  const credentials = renewedCredentials(genericTokens({ ...options, account, audiences }), options)
  try {
    // Asked for here, so that what is wrong is not said with the first request.
    await credentials.get(call)
  } catch (cause) {
    throw noToken(cause)
  }
  if (address === '') throw new ClusterAccessError('cluster address is required to create a REST config')
  return { server: addressOf(address), ca, credentials }
}

function addressOf(address: string): string {
  try {
    return parseClusterAddress(address)
  } catch (cause) {
    throw new ClusterAccessError(`failed to parse cluster address ${address}`, { cause })
  }
}
