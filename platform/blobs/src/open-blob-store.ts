import type { BlobStore } from '@sluice/artifact'
import { s3Bucket } from '@sluice/bucket'
import {
  type CloudLogins,
  type CloudSurroundings,
  controllerIdentity,
  createCloudLogins,
} from '@sluice/cloud'
import { credentialsFor, type OciCredentials, ociRepository, parseDockerConfig } from '@sluice/oci'
import type { Clock, Http } from '@sluice/ports'
import { type BlobPlace, parseBlobUrl } from './blob-url.ts'
import { bucketBlobs } from './bucket-blobs.ts'
import { registryBlobs } from './registry-blobs.ts'

export type OpenBlobsOptions = {
  readonly http: Http
  readonly clock: Clock
  /** What the program may log in with: as AWS's and Docker's own tools find it. */
  readonly surroundings: CloudSurroundings
  /** Ends all requests. */
  readonly signal: AbortSignal
  /** For each request. Default: `60_000`. */
  readonly timeoutMs?: number
}

/**
 * The blob store at an address such as `s3://bucket/prefix?region=eu-west-1` or `oci://registry/repository`. Nothing is
 * asked for yet.
 *
 * @throws {BlobError} `BLOB_URL` when the address is malformed.
 */
export function openBlobStore(url: string, options: OpenBlobsOptions): BlobStore {
  const place = parseBlobUrl(url)
  const logins = createCloudLogins(options)
  return place.kind === 's3' ? openBucket(place, logins, options) : openRegistry(place, logins, options)
}

function openBucket(
  { prefix, region, ...place }: Extract<BlobPlace, { readonly kind: 's3' }>,
  logins: CloudLogins,
  { http, clock, signal, timeoutMs = 60_000 }: OpenBlobsOptions,
): BlobStore {
  const where = region ?? logins.awsRegion() ?? 'us-east-1'
  const open = async (): Promise<ReturnType<typeof s3Bucket>> =>
    s3Bucket({
      ...place,
      region: where,
      credentials: await logins.aws(controllerIdentity, { region: where }, { signal }),
      http,
      signal,
      timeoutMs,
      now: () => clock.now(),
    })
  return bucketBlobs(open, prefix)
}

function openRegistry(
  { registry, repository: root, insecure, provider }: Extract<BlobPlace, { readonly kind: 'oci' }>,
  logins: CloudLogins,
  { http, surroundings, signal, timeoutMs = 60_000 }: OpenBlobsOptions,
): BlobStore {
  const credentialsOf = async (repository: string): Promise<OciCredentials | undefined> => {
    if (provider === undefined) return dockerCredentials(surroundings, registry, repository)
    const { username, password } = await logins.registry(provider, registry, controllerIdentity, { signal })
    return { kind: 'basic', username, password }
  }
  return registryBlobs(async (repository) => {
    const credentials = await credentialsOf(repository)
    const remote = { registry, repository, insecure, ...(credentials && { credentials }) }
    return ociRepository(remote, { http, signal, timeoutMs, userAgent: 'sluice' })
  }, root)
}

/** What Docker's configuration has for a repository. */
async function dockerCredentials(
  { env, readFile }: CloudSurroundings,
  registry: string,
  repository: string,
): Promise<OciCredentials | undefined> {
  const directory = env['DOCKER_CONFIG'] || (env['HOME'] && `${env['HOME']}/.docker`)
  if (!directory) return undefined
  let content: Uint8Array
  try {
    content = await readFile(`${directory}/config.json`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return credentialsFor(parseDockerConfig(new TextDecoder().decode(content)), registry, repository)
}
