import type { Clock, Http, HttpProxy } from '@sluice/ports'
import { type AwsOptions, awsCredentials, awsRegion } from './aws/aws-credentials.ts'
import type { AwsCredentials } from './aws/sign.ts'
import { azureToken, managedIdentityToken } from './azure/azure-token.ts'
import type { CloudCall, CloudIdentity, CloudProvider, CloudSurroundings } from './cloud-call.ts'
import { type ClusterLogin, type ClusterQuestion, clusterLogin } from './clusters/cluster-login.ts'
import { gcpToken } from './gcp/gcp-token.ts'
import { type GitCloudProvider, type GitLogin, gitLogin } from './git-login.ts'
import { type RegistryLogin, registryLogin } from './registry-login.ts'
import { type TokenCacheOptions, type TokenOwner, tokenCache } from './token-cache.ts'

/** One question. */
export type LoginCall = {
  readonly signal: AbortSignal
  readonly proxy?: HttpProxy | undefined
  /** For whom, as metrics tell it. */
  readonly owner?: TokenOwner | undefined
}

/** Logs in to clouds. What was granted is used until shortly before it ends. All failures are CloudError or HttpError. */
export type CloudLogins = {
  readonly registry: (
    provider: CloudProvider,
    host: string,
    identity: CloudIdentity,
    call: LoginCall,
  ) => Promise<RegistryLogin>
  readonly aws: (identity: CloudIdentity, options: AwsOptions, call: LoginCall) => Promise<AwsCredentials>
  readonly git: (
    provider: GitCloudProvider,
    url: string,
    identity: CloudIdentity,
    call: LoginCall,
  ) => Promise<GitLogin>
  /** A token for `scope`, such as `https://storage.azure.com/.default`. */
  readonly azure: (identity: CloudIdentity, scope: string, call: LoginCall) => Promise<string>
  /** A token of a managed identity of this machine, by its client id. */
  readonly azureManaged: (clientId: string, scope: string, call: LoginCall) => Promise<string>
  readonly gcp: (identity: CloudIdentity, call: LoginCall) => Promise<string>
  /** A login to a managed cluster; asked anew each time. */
  readonly cluster: (
    provider: CloudProvider,
    question: ClusterQuestion,
    identity: CloudIdentity,
    call: LoginCall,
  ) => Promise<ClusterLogin>
  /** What exchanges of the caller's own work with. */
  readonly callWith: (call: LoginCall) => CloudCall
  /** The region that the environment names for AWS. */
  readonly awsRegion: () => string | undefined
}

/** The program itself. */
export const controllerIdentity: CloudIdentity = { kind: 'controller' }

export function createCloudLogins({
  http,
  clock,
  surroundings,
  tokens,
}: {
  readonly http: Http
  readonly clock: Clock
  readonly surroundings: CloudSurroundings
  readonly tokens?: TokenCacheOptions
}): CloudLogins {
  const cache = tokenCache({ ...tokens, clock })
  const callWith = (call: LoginCall): CloudCall => ({ ...call, http, surroundings, now: () => clock.now() })

  const aws: CloudLogins['aws'] = (identity, options, call) =>
    cache.get(
      keyOf(['aws', options], identity, call),
      () => awsCredentials(identity, options, callWith(call)),
      call.owner,
    )
  const azure: CloudLogins['azure'] = async (identity, scope, call) => {
    const issue = (): ReturnType<typeof azureToken> => azureToken(identity, scope, callWith(call))
    return (await cache.get(keyOf(['azure', scope], identity, call), issue, call.owner)).token
  }

  return {
    callWith,
    aws,
    azure,
    git: (provider, url, identity, call) =>
      gitLogin(provider, url, {
        azureToken: (scope) => azure(identity, scope, call),
        awsCredentials: (region) => aws(identity, { region }, call),
        now: () => clock.now(),
      }),
    awsRegion: () => awsRegion(callWith({ signal: new AbortController().signal })),
    registry: (provider, host, identity, call) =>
      cache.get(
        keyOf(['registry', provider, host], identity, call),
        () => registryLogin(provider, host, { identity, call: callWith(call) }),
        call.owner,
      ),
    cluster: (provider, question, identity, call) =>
      clusterLogin(provider, question, { identity, call: callWith(call) }),
    azureManaged: async (clientId, scope, call) => {
      const key = keyOf(['azure managed', clientId, scope], controllerIdentity, call)
      const issue = (): ReturnType<typeof managedIdentityToken> =>
        managedIdentityToken(clientId, scope, callWith(call))
      return (await cache.get(key, issue, call.owner)).token
    },
    gcp: async (identity, call) => {
      const issue = (): ReturnType<typeof gcpToken> => gcpToken(identity, callWith(call))
      return (await cache.get(keyOf(['gcp'], identity, call), issue, call.owner)).token
    },
  }
}

function keyOf(question: readonly unknown[], identity: CloudIdentity, { proxy }: LoginCall): string {
  const who =
    identity.kind === 'controller'
      ? []
      : [identity.namespace, identity.name, identity.uid, identity.annotations]
  return JSON.stringify([question, who, proxy?.url, proxy?.username])
}
