import {
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
import type { HttpChartRepository } from '@sluice/helmrepo'
import type { OciCredentials, OciRepositoryName } from '@sluice/oci'
import { type HttpTls, ToolkitError } from '@sluice/ports'
import type { HelmRepository } from '@sluice/toolkit'

/** What the Secrets of a HelmRepository hold. */
export type HelmSecrets = { readonly auth: Secret | undefined; readonly tls: HttpTls | undefined }

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
  const auth = spec.secretRef && (await read(spec.secretRef.name, 'authentication'))
  const withTls = certificates ?? (auth && hasTls(auth) ? auth : undefined)
  return { auth, tls: withTls && tlsFromSecret(withTls) }
}

/** How an HTTP repository is reached. */
export function httpRepositoryOf({ spec }: HelmRepository, { auth, tls }: HelmSecrets): HttpChartRepository {
  const username = auth && secretText(auth, 'username')
  const password = auth && secretText(auth, 'password')
  return {
    url: spec.url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls } : {}),
    passCredentials: spec.passCredentials ?? false,
  }
}

/** The credentials that an OCI repository's Secret has: in Docker's form, or a name and a password. */
export function registryCredentialsOf(
  { auth }: HelmSecrets,
  name: OciRepositoryName,
): OciCredentials | undefined {
  if (!auth) return undefined
  const found = credentialsIn(auth, name)
  if (found) return found
  const username = secretText(auth, 'username')
  const password = secretText(auth, 'password')
  return username === undefined || password === undefined ? undefined : { kind: 'basic', username, password }
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

function hasTls({ data }: Secret): boolean {
  return ['ca.crt', 'caFile', 'tls.crt', 'certFile'].some((key) => (data.get(key)?.length ?? 0) > 0)
}
