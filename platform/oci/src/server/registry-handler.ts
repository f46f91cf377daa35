import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { mediaTypes, type OciDescriptor, type OciManifest, parseManifest } from '../manifest.ts'
import { OciError } from '../oci-error.ts'
import { isOciDigest, isOciRepository, isOciTag } from '../reference.ts'
import { BlobRoutes } from './blob-routes.ts'
import { digestLike } from './digest-like.ts'
import { answerJson, answerRefusal, bodyOf, RegistryRefusal } from './registry-error.ts'
import { type RegistryAccess, type RegistryLogin, registryLogin } from './registry-login.ts'
import type { RegistryStore } from './registry-store.ts'

/** Without `authorize` everything is allowed to everyone. */
export type RegistryOptions = { readonly store: RegistryStore } & Partial<RegistryAccess>

/** One request that is for a repository. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly repository: string
}

const paths = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.*)$/
const maxManifestBytes = 4 * 1024 * 1024
/** Entries of a list that come in one answer. */
const maxPage = 10_000

/**
 * An OCI registry as a handler for Node's HTTP servers: pull and push (whole, in pieces, mounted), tags and catalogue with
 * paging, referrers, deletion, login with passwords or tokens.
 *
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export function registryHandler({ store, authorize, ...access }: RegistryOptions): RequestListener {
  const registry = new Registry(store, authorize && registryLogin({ authorize, ...access }))
  return (request, response) => {
    registry.handle(request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy()
        return
      }
      // What is still coming is read and dropped, so that the client gets to see the answer.
      request.resume()
      answerRefusal(response, refusalOf(error))
    })
  }
}

function refusalOf(error: unknown): RegistryRefusal {
  if (error instanceof RegistryRefusal) return error
  if (error instanceof URIError) return invalidName()
  const isTooLarge = error instanceof OciError && error.code === 'OCI_TOO_LARGE'
  if (isTooLarge) return new RegistryRefusal(413, 'SIZE_INVALID', error.message)
  // What went wrong within is nobody's business outside.
  return new RegistryRefusal(500, 'UNKNOWN', 'internal error')
}

class Registry {
  readonly #store: RegistryStore
  readonly #login: RegistryLogin | undefined
  readonly #blobs: BlobRoutes

  constructor(store: RegistryStore, login: RegistryLogin | undefined) {
    this.#store = store
    this.#login = login
    this.#blobs = new BlobRoutes(store)
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    const url = new URL(request.url ?? '/', 'http://registry')
    if (this.#login?.answerToken(request, response, url)) return
    const path = decodeURIComponent(url.pathname)
    const [, repository = '', kind, rest = ''] = paths.exec(path) ?? []
    this.#login?.check(request, response, repository)
    if (path === '/v2/' || path === '/v2') return answerJson(response, 200, {})
    if (path === '/v2/_catalog') return this.#catalogue(response, url)
    if (kind === undefined) throw unknownName(repository)
    if (!isOciRepository(repository)) throw invalidName()
    await this.#route({ request, response, url, repository }, kind, rest)
  }

  #route(exchange: Exchange, kind: string, rest: string): Promise<void> {
    switch (kind) {
      case 'manifests':
        return this.#manifests(exchange, rest)
      case 'blobs':
        return rest.startsWith('uploads/')
          ? this.#blobs.upload(exchange, rest.slice('uploads/'.length))
          : this.#blobs.blob(exchange, rest)
      case 'tags':
        return this.#tags(exchange)
      case 'referrers':
      default:
        return this.#referrers(exchange, rest)
    }
  }

  async #manifests(exchange: Exchange, reference: string): Promise<void> {
    const { request, response, repository } = exchange
    if (!isOciDigest(reference) && !isOciTag(reference)) {
      throw new RegistryRefusal(400, 'TAG_INVALID', 'invalid tag or digest')
    }
    if (request.method === 'PUT') return this.#putManifest(exchange, reference)
    if (request.method === 'DELETE') {
      if (!(await this.#store.deleteManifest(repository, reference))) throw unknownManifest(reference)
      response.writeHead(202).end()
      return
    }
    const found = await this.#store.getManifest(repository, reference)
    if (!found) throw unknownManifest(reference)
    response.writeHead(200, {
      'docker-content-digest': isOciDigest(reference) ? reference : digestOf(found.content),
      'content-type': found.mediaType,
      'content-length': found.content.length,
    })
    response.end(request.method === 'HEAD' ? undefined : found.content)
  }

  async #putManifest({ request, response, repository }: Exchange, reference: string): Promise<void> {
    const content = await readManifest(request)
    const manifest = parseIfAny(content)
    const mediaType = request.headers['content-type'] ?? manifest?.mediaType ?? mediaTypes.manifest
    const digest = isOciDigest(reference) ? digestLike(reference, content) : digestOf(content)
    if (isOciDigest(reference) && digest !== reference) {
      throw new RegistryRefusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    }
    const subject = manifest?.subject?.digest
    const descriptor = { mediaType, digest, size: content.length, ...aboutReferrer(manifest) }
    await this.#store.putManifest(
      repository,
      { mediaType, content },
      {
        digest,
        ...(isOciDigest(reference) ? {} : { tag: reference }),
        ...(subject === undefined ? {} : { referrer: { subject, descriptor } }),
      },
    )
    if (subject !== undefined) response.setHeader('oci-subject', subject)
    response
      .writeHead(201, {
        'docker-content-digest': digest,
        location: `/v2/${repository}/manifests/${digest}`,
        'content-length': 0,
      })
      .end()
  }

  async #tags({ response, url, repository }: Exchange): Promise<void> {
    const all = await this.#store.listTags(repository)
    if (!all) throw unknownName(repository)
    const tags = page(all, response, url)
    answerJson(response, 200, { name: repository, tags })
  }

  async #catalogue(response: ServerResponse, url: URL): Promise<void> {
    const repositories = page(await this.#store.listRepositories(), response, url)
    answerJson(response, 200, { repositories })
  }

  async #referrers({ response, url, repository }: Exchange, digest: string): Promise<void> {
    if (!isOciDigest(digest)) throw new RegistryRefusal(400, 'DIGEST_INVALID', 'invalid digest')
    const known = await this.#store.listReferrers(repository, digest)
    // Some clients keep the list themselves, under a tag.
    const listed = await this.#store.getManifest(repository, digest.replace(':', '-'))
    const own = listed ? descriptorsIn(listed.content) : []
    const byDigest = new Map([...own, ...known].map((it) => [it.digest, it]))
    const wanted = url.searchParams.get('artifactType')
    if (wanted !== null) response.setHeader('oci-filters-applied', 'artifactType')
    const manifests = [...byDigest.values()].filter((it) => wanted === null || it.artifactType === wanted)
    const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
    response.writeHead(200, { 'content-type': mediaTypes.index }).end(body)
  }
}

/** A page of a sorted list, with the way to the next one in the response's headers. */
function page(all: readonly string[], response: ServerResponse, url: URL): readonly string[] {
  const last = url.searchParams.get('last')
  const asked = Number(url.searchParams.get('n') ?? maxPage)
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, maxPage) : maxPage
  const after = last === null ? all : all.filter((it) => it > last)
  const found = after.slice(0, limit)
  if (after.length > found.length) {
    const next = `${url.pathname}?n=${limit}&last=${encodeURIComponent(found.at(-1) ?? '')}`
    response.setHeader('link', `<${next}>; rel="next"`)
  }
  return found
}

async function readManifest(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of bodyOf(request)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxManifestBytes) throw new RegistryRefusal(413, 'SIZE_INVALID', 'manifest is too large')
  }
  return Buffer.concat(chunks, length)
}

/** Older formats are kept as they are, as other registries do. */
function parseIfAny(content: Uint8Array): OciManifest | undefined {
  try {
    const parsed = parseManifest(content)
    return parsed.kind === 'manifest' ? parsed.manifest : undefined
  } catch (error) {
    if (error instanceof OciError) return undefined
    throw error
  }
}

function descriptorsIn(content: Uint8Array): readonly OciDescriptor[] {
  try {
    const parsed = parseManifest(content)
    return parsed.kind === 'index' ? parsed.index.manifests : []
  } catch (error) {
    if (error instanceof OciError) return []
    throw error
  }
}

function aboutReferrer(manifest: OciManifest | undefined): Partial<OciDescriptor> {
  if (!manifest) return {}
  const { annotations, artifactType = manifest.config.mediaType } = manifest
  return { artifactType, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) }
}

function invalidName(): RegistryRefusal {
  return new RegistryRefusal(400, 'NAME_INVALID', 'invalid repository name')
}

function unknownName(name: string): RegistryRefusal {
  return new RegistryRefusal(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name })
}

function unknownManifest(reference: string): RegistryRefusal {
  return new RegistryRefusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown', `unknown tag=${reference}`)
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
