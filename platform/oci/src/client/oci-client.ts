import { createHash } from 'node:crypto'
import { type Http, readBody } from '@sluice/ports'
import {
  mediaTypes,
  type OciDescriptor,
  type OciIndex,
  type OciManifest,
  parseManifest,
} from '../manifest.ts'
import { OciError } from '../oci-error.ts'
import { isOciDigest } from '../reference.ts'
import { listTags } from './list-tags.ts'
import { type OciRemote, RegistrySession } from './registry-session.ts'

export type OciClientOptions = {
  readonly http: Http
  readonly signal: AbortSignal
  /** For each request. */
  readonly timeoutMs: number
  /** Default: `flux/v2`, as Flux's own tools say. */
  readonly userAgent?: string
}

/** A manifest with the digest of its bytes. */
export type OciPulled = {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
} & (
  | { readonly kind: 'manifest'; readonly manifest: OciManifest }
  | { readonly kind: 'index'; readonly index: OciIndex }
)

/** One repository of a registry. All failures are {@link OciError} or HttpError. */
export type OciRepositoryClient = {
  /** The digest that a tag, or a digest, stands for. What is wrong is told in the registry's words. */
  readonly resolve: (reference: string) => Promise<string>
  /** The same without a second request for the words of a failure, as policies do it. */
  readonly head: (reference: string) => Promise<string>
  readonly pullManifest: (reference: string) => Promise<OciPulled>
  /** A blob, checked against its digest. */
  readonly pullBlob: (descriptor: Pick<OciDescriptor, 'digest'>, maxBytes: number) => Promise<Uint8Array>
  /** All tags, in the registry's order; see {@link listTags}. */
  readonly listTags: () => Promise<readonly string[]>
  /** Manifests that refer to the one with this digest: signatures and the like. */
  readonly listReferrers: (digest: string) => Promise<readonly OciDescriptor[]>
  /** Stores a blob unless it is there; its digest. */
  readonly pushBlob: (content: Uint8Array) => Promise<string>
  /** Stores a manifest under a tag or its digest; its digest. */
  readonly pushManifest: (reference: string, content: Uint8Array, mediaType: string) => Promise<string>
  /** Removes a manifest by its digest, with all tags of it. */
  readonly deleteManifest: (digest: string) => Promise<void>
}

const maxManifestBytes = 4 * 1024 * 1024
const maxListBytes = 16 * 1024 * 1024
const acceptManifests = Object.values(mediaTypes).slice(0, 4).join(', ')

export function ociRepository(remote: OciRemote, options: OciClientOptions): OciRepositoryClient {
  const { userAgent = 'flux/v2', ...rest } = options
  const session = new RegistrySession(remote, { ...rest, userAgent })
  const pullManifest = (reference: string): Promise<OciPulled> => getManifest(session, reference)

  return {
    resolve: (reference) => resolve(session, reference),
    head: (reference) => headManifest(session, reference),
    pullManifest,
    pullBlob: async ({ digest }, maxBytes) => {
      const response = await session.call({
        method: 'GET',
        path: `blobs/${digest}`,
        maxBodyBytes: maxBytes,
      })
      const content = await readBody(response.body)
      checkDigest(content, digest)
      return content
    },
    listTags: () => listTags(session),
    listReferrers: (digest) => listReferrers(session, digest),
    pushBlob: (content) => pushBlob(session, content),
    pushManifest: async (reference, content, mediaType) => {
      const headers = { 'content-type': mediaType }
      const path = `manifests/${reference}`
      const response = await session.call({
        method: 'PUT',
        path,
        headers,
        body: content,
        maxBodyBytes: maxListBytes,
      })
      await readBody(response.body)
      return digestOf(content)
    },
    deleteManifest: async (digest) => {
      const path = `manifests/${digest}`
      const response = await session.call({ method: 'DELETE', path, maxBodyBytes: maxListBytes })
      await readBody(response.body)
    },
  }
}

/** Asks with HEAD; where a registry has no answer to that, or an error without words, with GET. */
async function resolve(session: RegistrySession, reference: string): Promise<string> {
  const path = `manifests/${reference}`
  const headers = { accept: acceptManifests }
  const any = [200, 400, 401, 403, 404, 405, 429, 500, 501, 502, 503]
  const head = await session.call({
    method: 'HEAD',
    path,
    headers,
    maxBodyBytes: maxManifestBytes,
    accept: any,
  })
  await readBody(head.body)
  const digest = head.headers.get('docker-content-digest')
  if (head.status === 200 && digest !== undefined && isOciDigest(digest)) return digest
  return (await getManifest(session, reference)).digest
}

async function headManifest(session: RegistrySession, reference: string): Promise<string> {
  const path = `manifests/${reference}`
  const headers = { accept: acceptManifests }
  const response = await session.call({ method: 'HEAD', path, headers, maxBodyBytes: maxManifestBytes })
  await readBody(response.body)
  const digest = response.headers.get('docker-content-digest') ?? ''
  // Not all registries name the digest.
  return isOciDigest(digest) ? digest : (await getManifest(session, reference)).digest
}

async function getManifest(session: RegistrySession, reference: string): Promise<OciPulled> {
  const headers = { accept: acceptManifests }
  const path = `manifests/${reference}`
  const response = await session.call({ method: 'GET', path, headers, maxBodyBytes: maxManifestBytes })
  const bytes = await readBody(response.body)
  if (isOciDigest(reference)) checkDigest(bytes, reference)
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
  return { digest: digestOf(bytes), mediaType, bytes, ...parseManifest(bytes) }
}

async function listReferrers(session: RegistrySession, digest: string): Promise<readonly OciDescriptor[]> {
  const response = await session.call({
    method: 'GET',
    path: `referrers/${digest}`,
    maxBodyBytes: maxListBytes,
    accept: [200, 404],
  })
  const body = await readBody(response.body)
  if (response.status === 200) {
    const parsed = parseManifest(body)
    return parsed.kind === 'index' ? parsed.index.manifests : []
  }
  // Registries without the API keep the list under a tag made of the digest.
  try {
    const pulled = await getManifest(session, digest.replace(':', '-'))
    return pulled.kind === 'index' ? pulled.index.manifests : []
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return []
    throw error
  }
}

async function pushBlob(session: RegistrySession, content: Uint8Array): Promise<string> {
  const digest = digestOf(content)
  const bounds = { maxBodyBytes: maxListBytes }
  const known = await session.call({ ...bounds, method: 'HEAD', path: `blobs/${digest}`, accept: [200, 404] })
  await readBody(known.body)
  if (known.status === 200) return digest
  const started = await session.call({ ...bounds, method: 'POST', path: 'blobs/uploads/', accept: [202] })
  await readBody(started.body)
  const location = started.headers.get('location') ?? ''
  if (!URL.canParse(location, `${session.base}/`)) {
    throw new OciError('OCI_REGISTRY', 'the registry names no place to upload to')
  }
  const target = new URL(location, `${session.base}/`)
  target.searchParams.set('digest', digest)
  const stored = await session.call({
    ...bounds,
    method: 'PUT',
    path: target.href,
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
    accept: [201, 202, 204],
  })
  await readBody(stored.body)
  return digest
}

function checkDigest(content: Uint8Array, digest: string): void {
  const [algorithm = ''] = digest.split(':')
  const actual = isOciDigest(digest) ? digestOf(content, algorithm) : ''
  if (actual !== digest) {
    throw new OciError('OCI_DIGEST_MISMATCH', `content has the digest ${actual}, not ${digest}`)
  }
}

function digestOf(content: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
}
