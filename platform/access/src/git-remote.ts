import { type GitHubApp, type GitHubApps, type GitRemote, isKeyEncrypted } from '@sluice/git'
import { type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import { type CloudAccess, type CloudLogin, FeatureGateError } from './cloud/cloud-access.ts'
import { type Secret, SecretError, secretText } from './secret.ts'

export type GitAccessErrorCode =
  /** The provider and the Secret do not go together, or the provider is not available. */
  | 'GIT_PROVIDER_INVALID'
  /** The provider asks for a Secret that the object does not name. */
  | 'GIT_SECRET_REQUIRED'
  /** The credentials cannot be used. */
  | 'GIT_CREDENTIALS_INVALID'

/** A Git repository cannot be reached as it is configured. */
export class GitAccessError extends ToolkitError {
  override readonly name = 'GitAccessError'
  declare readonly code: GitAccessErrorCode

  constructor(code: GitAccessErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** A GitRepository's address and credentials. */
export type GitAccess = {
  readonly url: string
  /** `generic` when absent. */
  readonly provider?: string | undefined
  readonly secret?: Secret | undefined
  readonly proxy?: HttpProxy | undefined
  readonly namespace: string
  /** The ServiceAccount that logs in to a cloud; the program itself when absent. */
  readonly serviceAccountName?: string | undefined
  /** The object that asks, as metrics tell it. */
  readonly owner?: CloudLogin['owner']
}

/** What gives credentials of providers. A provider whose giver is absent is refused. */
export type GitAccessOptions = {
  readonly gitHubApps?: GitHubApps | undefined
  readonly cloud?: CloudAccess | undefined
  readonly signal: AbortSignal
}

/**
 * How a GitRepository is reached.
 *
 * Source: FEATURES of Flux 2.9, §10; fluxcd/pkg git options.
 * @throws {GitAccessError}
 * @throws {FeatureGateError} when a ServiceAccount is to log in and must not.
 */
export async function gitRemote(access: GitAccess, options: GitAccessOptions): Promise<GitRemote> {
  const { url, secret, proxy } = access
  const remote = url.startsWith('ssh:') ? await sshRemote(url, secret) : httpRemote(url, secret)
  const granted = await credentialsOf(access, options)
  return { ...remote, ...(granted && { credentials: granted }), ...(proxy ? { proxy } : {}) }
}

/** What a provider gives; nothing where the Secret is all there is. */
async function credentialsOf(
  access: GitAccess,
  options: GitAccessOptions,
): Promise<GitRemote['credentials'] | undefined> {
  const { provider = 'generic', secret } = access
  switch (provider) {
    case 'github':
      return gitHubCredentials(access, options)
    case 'azure':
    case 'aws':
      return cloudCredentials(provider, access, options)
    case 'generic':
      if (!secret?.data.has('githubAppID')) return undefined
      throw misconfigured(
        `secretRef '${secret.reference}' has github app data but provider is not set to github`,
      )
    default:
      throw misconfigured(`provider '${provider}' is not available`)
  }
}

function httpRemote(url: string, secret: Secret | undefined): GitRemote {
  const inUrl = new URL(url)
  const tls = secret ? tlsOf(secret) : {}
  const token = secret && secretText(secret, 'bearerToken')
  const fromSecret = (key: string): string => (secret && token === undefined && secretText(secret, key)) || ''
  const username = fromSecret('username') || decodeURIComponent(inUrl.username)
  const password = fromSecret('password') || decodeURIComponent(inUrl.password)
  if (password !== '' && username === '') {
    const scheme = inUrl.protocol.slice(0, -1)
    throw unusable(`invalid '${scheme}' auth option: 'password' requires 'username' to be set`)
  }
  if (!secret) return { url }
  if (token !== undefined) return { url, ...tls, credentials: { kind: 'bearer', token } }
  return { url, ...tls, ...(username === '' ? {} : { credentials: { kind: 'basic', username, password } }) }
}

async function sshRemote(url: string, secret: Secret | undefined): Promise<GitRemote> {
  const identity = secret && secretText(secret, 'identity')
  const knownHosts = secret && secretText(secret, 'known_hosts')
  const passphrase = secret && secretText(secret, 'password')
  if (identity === undefined) throw unusable("invalid 'ssh' auth option: 'identity' is required")
  if (knownHosts === undefined) throw unusable("invalid 'ssh' auth option: 'known_hosts' is required")
  if (passphrase === undefined && (await isKeyEncrypted(identity))) {
    throw new GitAccessError(
      'GIT_CREDENTIALS_INVALID',
      "SSH identity key is encrypted but no 'password' field was provided in the secret " +
        `'${secret?.reference ?? ''}'`,
    )
  }
  return { url, ssh: { identity, knownHosts, ...(passphrase === undefined ? {} : { passphrase }) } }
}

async function gitHubCredentials(
  { secret, proxy }: GitAccess,
  { gitHubApps, signal }: GitAccessOptions,
): Promise<GitRemote['credentials']> {
  const message = 'secretRef with github app data must be specified when provider is set to github'
  if (!secret) throw new GitAccessError('GIT_SECRET_REQUIRED', message)
  if (!secret.data.has('githubAppID')) throw misconfigured(message)
  if (!gitHubApps) throw misconfigured("provider 'github' is not available")
  const password = await granting(() => gitHubApps.token(gitHubApp(secret, proxy), { signal }))
  return { kind: 'basic', username: 'x-access-token', password }
}

async function cloudCredentials(
  provider: 'azure' | 'aws',
  { url, namespace, serviceAccountName, proxy, owner }: GitAccess,
  { cloud, signal }: GitAccessOptions,
): Promise<GitRemote['credentials']> {
  if (!cloud) throw misconfigured(`provider '${provider}' is not available`)
  return granting(() => cloud.git(provider, url, { namespace, serviceAccountName, proxy, owner, signal }))
}

async function granting<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof ToolkitError) || cause instanceof FeatureGateError) throw cause
    throw new GitAccessError('GIT_CREDENTIALS_INVALID', 'failed to configure authentication options', {
      cause,
    })
  }
}

function gitHubApp(secret: Secret, proxy: HttpProxy | undefined): GitHubApp {
  const installationOwner = secretText(secret, 'githubAppInstallationOwner')
  const installationId = secretText(secret, 'githubAppInstallationID')
  const baseUrl = secretText(secret, 'githubAppBaseURL')
  return {
    appId: secretText(secret, 'githubAppID') ?? '',
    privateKey: secretText(secret, 'githubAppPrivateKey') ?? '',
    ...(installationOwner === undefined ? {} : { installationOwner }),
    ...(installationId === undefined ? {} : { installationId }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(proxy ? { proxy } : {}),
    ...tlsOf(secret),
  }
}

function misconfigured(message: string): GitAccessError {
  return new GitAccessError('GIT_PROVIDER_INVALID', message)
}

function unusable(why: string): GitAccessError {
  return new GitAccessError('GIT_CREDENTIALS_INVALID', 'failed to configure authentication options', {
    cause: new SecretError(why),
  })
}

function tlsOf(secret: Secret): { readonly tls?: HttpTls } {
  const ca = secretText(secret, 'ca.crt') ?? secretText(secret, 'caFile')
  const certificate = secretText(secret, 'tls.crt')
  const key = secretText(secret, 'tls.key')
  if (ca === undefined && (certificate === undefined || key === undefined)) return {}
  return {
    tls: {
      ...(ca === undefined ? {} : { ca, trustsHostRoots: true }),
      ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    },
  }
}
