import type { CloudSurroundings } from '@sluice/cloud'
import type { Cluster } from '@sluice/cluster'
import { ClusterAccessError } from '../clusters/cluster-access-error.ts'
import type { BearerToken } from './bearer-token.ts'
import { type AccountKey, accountOfToken, requestToken } from './service-account-token.ts'

export type GenericTokens = {
  readonly cluster: Cluster
  /** Whose tokens; those of the controller itself when absent. */
  readonly account: AccountKey | undefined
  readonly audiences: readonly string[]
  readonly surroundings?: Pick<CloudSurroundings, 'readFile'> | undefined
}

/** Where a pod finds the token of its own ServiceAccount. */
const ownTokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Issues tokens of a ServiceAccount that another cluster takes, because it trusts the issuer. */
export function genericTokens(
  options: GenericTokens,
): (call: { readonly signal: AbortSignal }) => Promise<BearerToken> {
  const { cluster, account, audiences } = options
  if (!account) return (call) => controllerToken(options, call)
  return async ({ signal }) => {
    return await tokenOf(account, `service account '${account.namespace}/${account.name}'`, {
      cluster,
      audiences,
      signal,
    })
  }
}

async function controllerToken(
  { cluster, audiences, surroundings }: GenericTokens,
  { signal }: { readonly signal: AbortSignal },
): Promise<BearerToken> {
  try {
    const account = accountOfToken(await readOwnToken(surroundings))
    const what = `controller service account '${account.namespace}/${account.name}'`
    return await tokenOf(account, what, { cluster, audiences, signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new ClusterAccessError('failed to create provider access token for the controller', { cause })
  }
}

async function tokenOf(
  account: AccountKey,
  what: string,
  {
    cluster,
    ...options
  }: { readonly cluster: Cluster; readonly audiences: readonly string[]; readonly signal: AbortSignal },
): Promise<BearerToken> {
  try {
    return await requestToken(cluster, account, options)
  } catch (cause) {
    options.signal.throwIfAborted()
    throw new ClusterAccessError(`failed to create kubernetes token for ${what}`, { cause })
  }
}

async function readOwnToken(surroundings: GenericTokens['surroundings']): Promise<string> {
  const failed = `failed to read service account token file ${ownTokenFile}`
  const absent = new ClusterAccessError(`open ${ownTokenFile}: no such file or directory`)
  if (!surroundings) throw new ClusterAccessError(failed, { cause: absent })
  try {
    return new TextDecoder().decode(await surroundings.readFile(ownTokenFile))
  } catch (cause) {
    const isAbsent = (cause as { readonly code?: unknown }).code === 'ENOENT'
    throw new ClusterAccessError(failed, { cause: isAbsent ? absent : cause })
  }
}
