import {
  findRegistryCredentials,
  proxyFromSecret,
  readSecret,
  type Secret,
  tlsFromSecret,
} from '@sluice/access'
import { ApiError, type Cluster, isMissing, MissingError } from '@sluice/cluster'
import { parseDurationMs } from '@sluice/go'
import { parseImageName } from '@sluice/image'
import { type OciRepositoryClient, ociRepository } from '@sluice/oci'
import { type Http, type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import type { ImageRepository } from '@sluice/toolkit'

export type RegistryOptions = {
  readonly cluster: Cluster
  readonly http: Http
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
  { cluster, http, signal }: RegistryOptions,
): Promise<OciRepositoryClient> {
  const { image, insecure = false, provider = 'generic' } = repository.spec
  const name = parseImageName(image)
  const options = { cluster, signal, namespace: repository.metadata.namespace ?? '' }
  const proxy = await proxyOf(repository, options)
  if (provider !== 'generic') throw noLogin(provider)
  const tls = await tlsOf(repository, options)
  const { secretRef, serviceAccountName } = repository.spec
  const credentials = await inWordsOfServer(() =>
    findRegistryCredentials(cluster, name, { ...options, secretRef, serviceAccountName }),
  )
  return ociRepository(
    { ...name, insecure, ...(credentials && { credentials }), ...(proxy && { proxy }), ...(tls && { tls }) },
    { http, signal, timeoutMs: timeoutMs(repository) },
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
  return { ...tlsFromSecret(secret), trustsHostRoots: true }
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

function noLogin(provider: string): RegistryAccessError {
  return new RegistryAccessError(
    `logging in with provider '${provider}' is not available, use an image pull secret and provider 'generic'`,
  )
}
