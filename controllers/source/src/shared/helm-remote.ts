import {
  type AuthMethods,
  authMethodsFromSecret,
  type CloudAccess,
  type CloudLogin,
  credentialsIn,
  readSecret,
  type Secret,
  SecretError,
  secretText,
  tlsFromSecret,
} from '@sluice/access'
import type { Cluster } from '@sluice/cluster'
import { goUrlText, parseGoUrl } from '@sluice/go'
import type { HttpChartRepository } from '@sluice/helmrepo'
import type { OciCredentials, OciRepositoryName } from '@sluice/oci'
import { type HttpTls, ToolkitError } from '@sluice/ports'
import type { HelmRepository } from '@sluice/toolkit'

/** What the Secrets of a HelmRepository hold. */
export type HelmSecrets = {
  readonly basic?: AuthMethods['basic'] | undefined
  /** The one for the login as it is. */
  readonly secret: Secret | undefined
  readonly tls: HttpTls | undefined
}

/**
 * Reads the Secrets that a HelmRepository names. Certificates may also lie with the password, as they once did.
 *
 * @throws {SecretError} in the words of Flux.
 */
export async function readHelmSecrets(
  cluster: Cluster,
  { spec, metadata }: HelmRepository,
  { signal }: { readonly signal: AbortSignal },
): Promise<HelmSecrets> {
  const namespace = metadata.namespace ?? ''
  const read = async (name: string, what: string): Promise<Secret> => {
    try {
      return await readSecret(cluster, { namespace, name }, { signal })
    } catch (error) {
      const cause = error instanceof SecretError && error.cause !== undefined ? error.cause : error
      throw new SecretError(`failed to get ${what} secret '${namespace}/${name}'`, { cause })
    }
  }
  const certificates = spec.certSecretRef && (await read(spec.certSecretRef.name, 'TLS authentication'))
  const tls =
    certificates &&
    explain("failed to construct Helm client's TLS config", () =>
      tlsFromSecret(certificates, { trustsHostRoots: true }),
    )
  const secret = spec.secretRef && (await read(spec.secretRef.name, 'authentication'))
  if (!secret) return { secret, tls }
  const methods = explain('failed to detect authentication methods', () => authMethodsFromSecret(secret))
  return { secret, basic: methods.basic, tls: tls ?? methods.tls }
}

function explain<T>(message: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new SecretError(message, { cause })
  }
}

/**
 * The address of a repository in the form that addresses are compared by: one slash at the end, none with `oci://`.
 *
 * Source: fluxcd/source-controller internal/helm/repository, NormalizeURL.
 * @throws {GoError} when it is none.
 */
export function normalizedUrl(url: string): string {
  if (url === '') return ''
  const parsed = parseGoUrl(url)
  const end = parsed.scheme === 'oci' ? '' : '/'
  const ended = (path: string): string => path.replace(/\/+$/, '') + end
  return goUrlText({ ...parsed, path: ended(parsed.path), rawPath: ended(parsed.rawPath) })
}

/** How an HTTP repository is reached. */
export function httpRepositoryOf({ spec }: HelmRepository, { basic, tls }: HelmSecrets): HttpChartRepository {
  return {
    url: spec.url,
    ...(basic && basic.username !== '' && basic.password !== '' && basic),
    ...(tls ? { tls } : {}),
    passCredentials: spec.passCredentials ?? false,
  }
}

/**
 * The credentials that an OCI repository's Secret has: in Docker's form, or a name and a password.
 *
 * Source: fluxcd/source-controller internal/helm/registry, KeychainFromSecret.
 * @throws {SecretError} when it has none for the registry, or half of a login.
 */
export function registryCredentialsOf(
  { secret }: HelmSecrets,
  name: OciRepositoryName,
): OciCredentials | undefined {
  return secret && explain('failed to configure OCI registry authentication', () => keychainOf(secret, name))
}

function keychainOf(secret: Secret, name: OciRepositoryName): OciCredentials | undefined {
  const secretName = secret.reference.replace(/^.*\//, '')
  if (secret.type === 'kubernetes.io/dockerconfigjson') {
    const found = credentialsIn(secret, name)
    if (found) return found
    throw new SecretError(
      `no auth config for '${name.registry}' in the docker-registry Secret '${secretName}'`,
    )
  }
  const username = secretText(secret, 'username')
  const password = secretText(secret, 'password')
  if (username === undefined && password === undefined) return undefined
  if (username !== undefined && password !== undefined) return { kind: 'basic', username, password }
  throw new SecretError(`invalid '${secretName}' secret data: required fields 'username' and 'password'`)
}

/** The credentials that a cloud gives for its own registry. @throws {SecretError} */
export async function providerCredentialsOf(
  provider: HelmRepository['spec']['provider'],
  { registry }: OciRepositoryName,
  { cloud, login }: { readonly cloud: CloudAccess | undefined; readonly login: CloudLogin },
): Promise<OciCredentials | undefined> {
  if (!provider || provider === 'generic') return undefined
  const message = `failed to get credential from '${provider}'`
  if (!cloud) throw new SecretError(`${message}: not available`)
  try {
    return await cloud.registry(provider, registry, login)
  } catch (cause) {
    if (cause instanceof ToolkitError) throw new SecretError(message, { cause })
    throw cause
  }
}
