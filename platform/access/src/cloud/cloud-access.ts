import type {
  CloudIdentity,
  CloudLogins,
  CloudProvider,
  CloudSurroundings,
  GitCloudProvider,
  GitLogin,
  TokenCacheOptions,
  TokenOwner,
} from '@sluice/cloud'
import type { Cluster } from '@sluice/cluster'
import type { OciCredentials } from '@sluice/oci'
import { type Clock, type Http, type HttpProxy, ToolkitError } from '@sluice/ports'
import { requestToken, serviceAccounts } from '../identity/service-account-token.ts'
import { SecretError } from '../secret.ts'

export type CloudAccessOptions = {
  /** Where ServiceAccounts are. */
  readonly cluster: Cluster
  readonly http: Http
  readonly clock: Clock
  /** What the program itself may log in with. */
  readonly surroundings: CloudSurroundings
  /** Whether objects may log in as ServiceAccounts; a feature gate of Flux. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean | undefined
  /** Who logs in where an object names nobody; needs the feature gate. The program itself when absent. */
  readonly defaultServiceAccount?: string | undefined
  /** How tokens are kept. */
  readonly tokens?: TokenCacheOptions | undefined
}

/** Who logs in: a ServiceAccount of the namespace, or the program itself without a name. */
export type CloudLogin = {
  readonly namespace: string
  readonly serviceAccountName?: string | undefined
  readonly proxy?: HttpProxy | undefined
  /** The object that needs it, as metrics tell it. */
  readonly owner?: TokenOwner | undefined
  readonly signal: AbortSignal
}

/** Logins of objects to clouds. */
export type CloudAccess = {
  /** Credentials for a cloud's registry. */
  readonly registry: (provider: CloudProvider, host: string, login: CloudLogin) => Promise<OciCredentials>
  /** Credentials for a Git repository: of Azure DevOps, or of AWS CodeCommit. */
  readonly git: (provider: GitCloudProvider, url: string, login: CloudLogin) => Promise<GitLogin>
  /** For everything else: the logins, and who asks. */
  readonly open: (
    login: CloudLogin,
  ) => Promise<{ readonly logins: CloudLogins; readonly identity: CloudIdentity }>
}

/** An object wants to log in as a ServiceAccount, which is switched off. */
export class FeatureGateError extends ToolkitError {
  override readonly name = 'FeatureGateError'

  constructor() {
    super(
      'FEATURE_GATE_DISABLED',
      'to use spec.serviceAccountName for provider authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller',
    )
  }
}

/**
 * What knows the clouds is loaded when the first object needs it.
 *
 * @throws {FeatureGateError | SecretError | CloudError} from each of its functions
 */
export function createCloudAccess(options: CloudAccessOptions): CloudAccess {
  let loading: Promise<CloudLogins> | undefined

  return {
    open,
    registry: async (provider, host, login) => {
      const { logins, identity } = await open(login)
      const { username, password } = await logins.registry(provider, host, identity, login)
      return { kind: 'basic', username, password }
    },
    git: async (provider, url, login) => {
      const { logins, identity } = await open(login)
      return logins.git(provider, url, identity, login)
    },
  }

  async function open(login: CloudLogin): ReturnType<CloudAccess['open']> {
    const identity = await identityOf(login, options)
    loading ??= load(options)
    return { logins: await loading, identity }
  }
}

async function load({ http, clock, surroundings, tokens }: CloudAccessOptions): Promise<CloudLogins> {
  const { createCloudLogins } = await import('@sluice/cloud')
  return createCloudLogins({ http, clock, surroundings, ...(tokens && { tokens }) })
}

async function identityOf(
  { namespace, serviceAccountName, signal }: CloudLogin,
  { cluster, objectLevelWorkloadIdentity = false, defaultServiceAccount }: CloudAccessOptions,
): Promise<CloudIdentity> {
  const name = serviceAccountName || defaultServiceAccount
  if (!name) return { kind: 'controller' }
  if (!objectLevelWorkloadIdentity) throw new FeatureGateError()
  const key = { namespace, name }
  try {
    const { metadata } = await cluster.get(serviceAccounts, key, { signal })
    return {
      kind: 'serviceAccount',
      ...key,
      uid: metadata.uid ?? '',
      annotations: metadata.annotations ?? {},
      token: async (audience, call) => {
        const { token } = await requestToken(cluster, key, { audiences: [audience], signal: call.signal })
        return token
      },
    }
  } catch (cause) {
    throw new SecretError(`failed to get service account '${namespace}/${name}'`, { cause })
  }
}
