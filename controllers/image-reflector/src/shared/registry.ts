import {
  type CloudAccess,
  FeatureGateError,
  findRegistryCredentials,
  proxyFromSecret,
  readSecret,
  type Secret,
  tlsFromSecret,
} from '@sluice/access'
import { ApiError, type Cluster, isMissing, MissingError } from '@sluice/cluster'
import { parseDurationMs } from '@sluice/go'
import { parseImageName } from '@sluice/image'
import {
  type OciCredentials,
  type OciRepositoryClient,
  type OciRepositoryName,
  ociRepository,
} from '@sluice/oci'
import { type Http, type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import type { ImageRepository } from '@sluice/toolkit'

export type RegistryOptions = {
  readonly cluster: Cluster
  readonly http: Http
  readonly cloud?: CloudAccess
  readonly signal: AbortSignal
}

/** The registry cannot be reached the way that an ImageRepository says. */
export class RegistryAccessError extends ToolkitError {
  override readonly name = 'RegistryAccessError'

  constructor(message: string, options?: ErrorOptions) {
    super('REGISTRY_ACCESS', message, options)
  }
}

/** Longest time for a scan, with all that belongs to it: the interval where nothing else is said. */
export function timeoutMs({ spec }: ImageRepository): number {
  return parseDurationMs(spec.timeout ?? spec.interval)
}

/** `index.docker.io/library/alpine`. @throws {ImageError} when the name is none. */
export function canonicalName(image: string): string {
  const { registry, repository } = parseImageName(image)
  return `${registry}/${repository}`
}

/**
 * The registry's side of an ImageRepository, with the proxy, certificates and credentials that it names.
 *
 * Source: fluxcd/image-reflector-controller 1.2, internal/registry; texts as there.
 * @throws {RegistryAccessError} and what reading Secrets throws.
 */
export async function imageRegistry(
  repository: ImageRepository,
  options: RegistryOptions,
): Promise<OciRepositoryClient> {
  const { cluster, http, signal } = options
  const { image, insecure = false } = repository.spec
  const name = parseImageName(image)
  const secrets = { cluster, signal, namespace: repository.metadata.namespace ?? '' }
  const proxy = await proxyOf(repository, secrets)
  const granted = await logIn(repository, name.registry, { ...options, proxy })
  const tls = await tlsOf(repository, secrets)
  const credentials = granted ?? (await pullCredentials(repository, name, secrets))
  return ociRepository(
    { ...name, insecure, ...(credentials && { credentials }), ...(proxy && { proxy }), ...(tls && { tls }) },
    { http, signal, timeoutMs: timeoutMs(repository) },
  )
}

/** Why an ImageRepository's way to log in is switched off; nothing when it is not. */
export function identityRefusal(
  { spec }: ImageRepository,
  isAllowed: boolean | undefined,
): string | undefined {
  const { provider = 'generic', serviceAccountName } = spec
  if (provider === 'generic' || !serviceAccountName || isAllowed) return undefined
  return new FeatureGateError().message
}

/** What a cloud's registry takes; nothing when it is none. Secrets for pulling images do not count there, as in Flux. */
async function logIn(
  { spec, metadata, kind }: ImageRepository,
  host: string,
  { cloud, proxy, signal }: RegistryOptions & { readonly proxy: HttpProxy | undefined },
): Promise<OciCredentials | undefined> {
  const { provider = 'generic', serviceAccountName } = spec
  if (provider === 'generic') return undefined
  if (!cloud) {
    const message = `logging in with provider '${provider}' is not available here, use an image pull secret and provider 'generic'`
    throw new RegistryAccessError(message)
  }
  const { namespace = '' } = metadata
  const owner = { kind, namespace, name: metadata.name ?? '' }
  return cloud.registry(provider, host, { namespace, serviceAccountName, proxy, owner, signal })
}

function pullCredentials(
  { spec }: ImageRepository,
  name: OciRepositoryName,
  { cluster, ...options }: SecretOptions,
): Promise<OciCredentials | undefined> {
  const { secretRef, serviceAccountName } = spec
  return inWordsOfServer(() =>
    findRegistryCredentials(cluster, name, { ...options, secretRef, serviceAccountName }),
  )
}

type SecretOptions = { readonly cluster: Cluster; readonly signal: AbortSignal; readonly namespace: string }

async function proxyOf({ spec }: ImageRepository, options: SecretOptions): Promise<HttpProxy | undefined> {
  if (!spec.proxySecretRef) return undefined
  const { name } = spec.proxySecretRef
  try {
    return proxyFromSecret(await read(name, options))
  } catch (cause) {
    if (isMissing(cause)) throw new MissingError(`secret '${options.namespace}/${name}' not found`)
    throw cause
  }
}

async function tlsOf({ spec }: ImageRepository, options: SecretOptions): Promise<HttpTls | undefined> {
  const { certSecretRef } = spec
  if (!certSecretRef) return undefined
  // What a registry refers to, such as its place for tokens, may have a certificate of a known authority.
  const secret = await inWordsOfServer(() => read(certSecretRef.name, options))
  return tlsFromSecret(secret, { trustsHostRoots: true })
}

function read(name: string, { cluster, signal, namespace }: SecretOptions): Promise<Secret> {
  return readSecret(cluster, { namespace, name }, { signal })
}

/** Of an object's own Secrets Flux repeats only what the server says. */
async function inWordsOfServer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Error && error.cause instanceof ApiError ? error.cause : error
  }
}
