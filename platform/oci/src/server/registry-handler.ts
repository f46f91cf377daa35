import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { mediaTypes } from '../manifest.ts'
import { OciError } from '../oci-error.ts'
import { isOciDigest } from '../reference.ts'

/** Where a registry keeps what it has. Names and digests were checked before. */
export type RegistryStore = {
  readonly getBlob: (digest: string) => Uint8Array | undefined
  readonly putBlob: (digest: string, content: Uint8Array) => void
  readonly getManifest: (repository: string, reference: string) => StoredManifest | undefined
  readonly putManifest: (repository: string, reference: string, manifest: StoredManifest) => void
  /** Tags of a repository, sorted; nothing when there is no such repository. */
  readonly listTags: (repository: string) => readonly string[] | undefined
}

export type StoredManifest = { readonly mediaType: string; readonly content: Uint8Array }

export type RegistryOptions = {
  readonly store: RegistryStore
  /** Whether these credentials may do that; anonymous when absent. Everything is allowed without it. */
  readonly authorize?: (
    action: 'pull' | 'push',
    user: { readonly name: string; readonly password: string } | undefined,
  ) => boolean
  readonly maxUploadBytes?: number
}

/** A store in memory. */
export function memoryRegistryStore(): RegistryStore {
  const blobs = new Map<string, Uint8Array>()
  const repositories = new Map<string, Map<string, StoredManifest>>()
  return {
    getBlob: (digest) => blobs.get(digest),
    putBlob: (digest, content) => {
      blobs.set(digest, content)
    },
    getManifest: (repository, reference) => repositories.get(repository)?.get(reference),
    putManifest: (repository, reference, manifest) => {
      const manifests = repositories.get(repository) ?? new Map<string, StoredManifest>()
      manifests.set(reference, manifest)
      manifests.set(digestOf(manifest.content), manifest)
      repositories.set(repository, manifests)
    },
    listTags: (repository) => {
      const manifests = repositories.get(repository)
      return manifests && [...manifests.keys()].filter((it) => !isOciDigest(it)).toSorted()
    },
  }
}

type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly repository: string
}

const paths = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.*)$/

/**
 * An OCI registry as a handler for Node's HTTP servers: pull, push, tags with paging, referrers, basic authentication.
 * `sluice up` serves offline examples with it.
 *
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export function registryHandler(options: RegistryOptions): RequestListener {
  const registry = new Registry(options)
  return (request, response) => {
    registry.handle(request, response).catch((error: unknown) => {
      if (error instanceof OciError) refuse(response, 413, 'SIZE_INVALID', error.message)
      else response.destroy()
    })
  }
}

class Registry {
  readonly #options: RegistryOptions
  /** Uploads under way, by the name that their place has. */
  readonly #uploads = new Map<string, Uint8Array[]>()

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    const url = new URL(request.url ?? '/', 'http://registry')
    const action = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'push'
    if (this.#options.authorize && !this.#options.authorize(action, credentialsOf(request))) {
      response.setHeader('www-authenticate', 'Basic realm="Registry"')
      refuse(response, 401, 'UNAUTHORIZED', 'authentication required')
      return
    }
    if (url.pathname === '/v2/' || url.pathname === '/v2') {
      json(response, 200, {})
      return
    }
    const [, repository = '', kind, rest = ''] = paths.exec(decodeURIComponent(url.pathname)) ?? []
    const exchange = { request, response, url, repository }
    switch (kind) {
      case 'manifests':
        return this.#manifests(exchange, rest)
      case 'blobs':
        return rest.startsWith('uploads/')
          ? this.#upload(exchange, rest.slice('uploads/'.length))
          : this.#blob(exchange, rest)
      case 'tags':
        return this.#tags(exchange)
      case 'referrers':
        return this.#referrers(exchange, rest)
      case undefined:
      default:
        refuse(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry')
    }
  }

  async #manifests({ request, response, repository }: Exchange, reference: string): Promise<void> {
    if (request.method === 'PUT') {
      const content = await this.#readAll(request)
      const mediaType = request.headers['content-type'] ?? mediaTypes.manifest
      this.#options.store.putManifest(repository, reference, { mediaType, content })
      const digest = digestOf(content)
      response.setHeader('docker-content-digest', digest)
      response.setHeader('location', `/v2/${repository}/manifests/${digest}`)
      response.writeHead(201).end()
      return
    }
    const found = this.#options.store.getManifest(repository, reference)
    if (!found) {
      refuse(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown', `unknown tag=${reference}`)
      return
    }
    response.setHeader('docker-content-digest', digestOf(found.content))
    send(request, response, found)
  }

  #blob({ request, response }: Exchange, digest: string): void {
    const content = isOciDigest(digest) ? this.#options.store.getBlob(digest) : undefined
    if (!content) {
      refuse(response, 404, 'BLOB_UNKNOWN', 'blob unknown to registry', digest)
      return
    }
    response.setHeader('docker-content-digest', digest)
    send(request, response, { mediaType: 'application/octet-stream', content })
  }

  async #upload({ request, response, url, repository }: Exchange, id: string): Promise<void> {
    const parts = this.#uploads.get(id) ?? []
    if (request.method !== 'POST' && !this.#uploads.has(id)) {
      refuse(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
      return
    }
    parts.push(await this.#readAll(request))
    const digest = url.searchParams.get('digest')
    if (digest === null) {
      const current = id === '' ? randomUUID() : id
      this.#uploads.set(current, parts)
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      response.setHeader('location', `/v2/${repository}/blobs/uploads/${current}`)
      response.setHeader('range', `0-${Math.max(0, length - 1)}`)
      response.writeHead(202).end()
      return
    }
    this.#uploads.delete(id)
    const content = Buffer.concat(parts)
    if (digestOf(content) !== digest) {
      refuse(response, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
      return
    }
    this.#options.store.putBlob(digest, content)
    response.setHeader('docker-content-digest', digest)
    response.setHeader('location', `/v2/${repository}/blobs/${digest}`)
    response.writeHead(201).end()
  }

  #tags({ response, url, repository }: Exchange): void {
    const all = this.#options.store.listTags(repository)
    if (!all) {
      const detail = { name: repository }
      refuse(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry', detail)
      return
    }
    const last = url.searchParams.get('last')
    const limit = Number(url.searchParams.get('n') ?? 0) || all.length
    const after = last === null ? all : all.filter((tag) => tag > last)
    const page = after.slice(0, limit)
    if (after.length > page.length) {
      const next = `/v2/${repository}/tags/list?n=${limit}&last=${encodeURIComponent(page.at(-1) ?? '')}`
      response.setHeader('link', `<${next}>; rel="next"`)
    }
    json(response, 200, { name: repository, tags: page })
  }

  #referrers({ response, repository }: Exchange, digest: string): void {
    // The fallback tag holds the list also for clients that maintain it themselves.
    const listed = this.#options.store.getManifest(repository, digest.replace(':', '-'))
    const empty = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }
    const content = listed?.content ?? Buffer.from(JSON.stringify(empty))
    response.writeHead(200, { 'content-type': mediaTypes.index }).end(content)
  }

  async #readAll(request: IncomingMessage): Promise<Uint8Array> {
    const { maxUploadBytes = 1024 ** 3 } = this.#options
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      length += chunk.length
      if (length > maxUploadBytes) throw new OciError('OCI_TOO_LARGE', 'upload is too large')
    }
    return Buffer.concat(chunks, length)
  }
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { mediaType, content }: StoredManifest,
): void {
  response.writeHead(200, { 'content-type': mediaType, 'content-length': content.length })
  response.end(method === 'HEAD' ? undefined : content)
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(
  response: ServerResponse,
  status: number,
  ...[code, message, detail]: [code: string, message: string, detail?: unknown]
): void {
  json(response, status, { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] })
}

function credentialsOf({ headers }: IncomingMessage): { name: string; password: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
