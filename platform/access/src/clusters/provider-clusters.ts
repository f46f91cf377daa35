import type { Cluster, CredentialSource, DescribedConnection } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'
import { renewedCredentials } from '../identity/bearer-token.ts'
import { genericTokens } from '../identity/generic-tokens.ts'
import { type AccountKey, serviceAccounts } from '../identity/service-account-token.ts'
import { ClusterAccessError } from './cluster-access-error.ts'
import { parseClusterAddress } from './cluster-address.ts'

/** What the clusters of providers are reached with. */
export type ProviderOptions = {
  /** Where the ServiceAccounts are. */
  readonly cluster: Cluster
  readonly clock: Clock
  /** Whose tokens are shown where the ConfigMap names nobody; those of the controller itself when absent. */
  readonly defaultServiceAccount?: string | undefined
  /** Whether tokens of ServiceAccounts may be used; a feature gate of Flux. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean | undefined
  /** Reads a file of this machine: the controller's own token where it runs in a pod. Fails as `node:fs` does. */
  readonly readFile?: ((path: string) => Promise<Uint8Array>) | undefined
}

type Call = { readonly signal: AbortSignal }

/** The connection that the data of a ConfigMap describe. @throws {ClusterAccessError} */
export type ProviderClusters = (
  data: Readonly<Record<string, string>>,
  namespace: string,
  call: Call,
) => Promise<DescribedConnection>

/** Credentials that are kept, with their tokens. */
const remembered = 100

/**
 * Clusters that ConfigMaps describe: `provider`, `address`, `ca.crt`, `audiences` (one a line) and `serviceAccountName`.
 *
 * Source: FEATURES of Flux 2.9, §10; fluxcd/pkg auth.
 */
export function providerClusters(options: ProviderOptions): ProviderClusters {
  const kept = new Map<string, CredentialSource>()
  const credentialsFor = (identity: string, create: () => CredentialSource): CredentialSource => {
    const credentials = kept.get(identity) ?? create()
    kept.delete(identity)
    kept.set(identity, credentials)
    const [oldest] = kept.keys()
    if (kept.size > remembered && oldest !== undefined) kept.delete(oldest)
    return credentials
  }

  return async (data, namespace, call) => {
    const { provider = '', address = '', 'ca.crt': ca } = data
    if (provider !== 'generic') throw new ClusterAccessError(`provider '${provider}' not implemented`)
    const name = data['serviceAccountName'] || options.defaultServiceAccount
    const account = name ? await readAccount({ namespace, name }, options, call) : undefined
    const named = (data['audiences'] ?? '').split('\n').flatMap((line) => line.trim() || [])
    // A cluster takes tokens that are for itself, unless it is configured otherwise.
    const audiences = named.length > 0 ? named : [address]
    const identity = JSON.stringify([provider, namespace, name, account?.uid, audiences, address, ca])
    const credentials = credentialsFor(identity, () => {
      const issue = genericTokens({ ...options, account, audiences })
      return renewedCredentials(issue, options)
    })
    await ready(credentials, call)
    if (address === '') throw new ClusterAccessError('cluster address is required to create a REST config')
    return {
      identity,
      connection: {
        server: addressOf(address),
        ...(ca && { ca }),
        credentials,
        namespace: 'default',
      },
    }
  }
}

/** Has a token, so that what is wrong is said here and not with the first request. */
async function ready(credentials: CredentialSource, call: Call): Promise<void> {
  try {
    await credentials.get(call)
  } catch (cause) {
    throw noToken(cause)
  }
}

function addressOf(address: string): string {
  try {
    return parseClusterAddress(address)
  } catch (cause) {
    throw new ClusterAccessError(`failed to parse cluster address ${address}`, { cause })
  }
}

async function readAccount(
  key: AccountKey,
  { cluster }: ProviderOptions,
  { signal }: Call,
): Promise<AccountKey & { readonly uid: string }> {
  try {
    const { metadata } = await cluster.get(serviceAccounts, key, { signal })
    return { ...key, uid: metadata.uid ?? '' }
  } catch (cause) {
    const message = `failed to get service account '${key.namespace}/${key.name}'`
    throw noToken(new ClusterAccessError(message, { cause }))
  }
}

function noToken(cause: unknown): ClusterAccessError {
  return new ClusterAccessError('failed to get access token for cluster', { cause })
}
