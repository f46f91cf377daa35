import { randomUUID } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { isOciDigest } from '../reference.ts'
import { bodyOf, RegistryRefusal } from './registry-error.ts'
import type { Exchange } from './registry-handler.ts'
import type { BlobRange, BlobUpload, RegistryStore } from './registry-store.ts'

/** Uploads that may be under way at once; the one that has waited longest gives way. */
const maxUploads = 256

/** Blobs: reading them whole or in part, and bringing them in, at once or in pieces. */
export class BlobRoutes {
  readonly #store: RegistryStore
  /** Uploads under way by their id, the one used last at the end. */
  readonly #uploads = new Map<string, BlobUpload>()

  constructor(store: RegistryStore) {
    this.#store = store
  }

  async blob({ request, response }: Exchange, digest: string): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw unsupported()
    const size = isOciDigest(digest) ? await this.#store.blobSize(digest) : undefined
    if (size === undefined) throw new RegistryRefusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry', digest)
    const range = parseRange(request.headers.range, size)
    if (range === 'unsatisfiable') {
      response.setHeader('content-range', `bytes */${size}`)
      throw new RegistryRefusal(416, 'SIZE_INVALID', 'the range is not in the blob')
    }
    const { start, end } = range ?? { start: 0, end: size - 1 }
    if (range) response.setHeader('content-range', `bytes ${start}-${end}/${size}`)
    response.writeHead(range ? 206 : 200, {
      'docker-content-digest': digest,
      'content-type': 'application/octet-stream',
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
    })
    if (request.method === 'HEAD' || size === 0) response.end()
    else await pipeline(this.#store.readBlob(digest, { start, end }), response)
  }

  async upload(exchange: Exchange, id: string): Promise<void> {
    const { request, url } = exchange
    if (request.method === 'POST' && id === '') return this.#start(exchange)
    const upload = this.#uploads.get(id)
    if (!upload) throw new RegistryRefusal(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
    switch (request.method) {
      case 'GET':
        return answerProgress(exchange, id, { upload, status: 204 })
      case 'PATCH':
        checkPosition(exchange, upload)
        await this.#append(id, upload, exchange)
        return answerProgress(exchange, id, { upload, status: 202 })
      case 'PUT':
        await this.#append(id, upload, exchange)
        return this.#finish(exchange, upload, { id, digest: url.searchParams.get('digest') ?? '' })
      case 'DELETE':
        this.#uploads.delete(id)
        await upload.abandon()
        exchange.response.writeHead(204).end()
        return
      case undefined:
      default:
        throw unsupported()
    }
  }

  async #start(exchange: Exchange): Promise<void> {
    const { url } = exchange
    const mounted = url.searchParams.get('mount') ?? ''
    // What one repository has, another has at once; any client that knows the digest has had the content.
    if (isOciDigest(mounted) && (await this.#store.blobSize(mounted)) !== undefined) {
      return answerStored(exchange, mounted)
    }
    const id = randomUUID()
    const upload = await this.#store.startUpload()
    await this.#makeRoom()
    await this.#append(id, upload, exchange)
    const digest = url.searchParams.get('digest')
    return digest === null
      ? answerProgress(exchange, id, { upload, status: 202 })
      : this.#finish(exchange, upload, { id, digest })
  }

  async #makeRoom(): Promise<void> {
    for (const [id, upload] of this.#uploads) {
      if (this.#uploads.size < maxUploads) break
      this.#uploads.delete(id)
      await upload.abandon()
    }
  }

  async #append(id: string, upload: BlobUpload, { request }: Exchange): Promise<void> {
    this.#uploads.delete(id)
    try {
      await upload.append(bodyOf(request))
    } catch (error) {
      // What has come so far may end anywhere.
      await upload.abandon()
      throw error
    }
    this.#uploads.set(id, upload)
  }

  async #finish(
    exchange: Exchange,
    upload: BlobUpload,
    { id, digest }: { readonly id: string; readonly digest: string },
  ): Promise<void> {
    this.#uploads.delete(id)
    const isStored = isOciDigest(digest) && (await upload.finish(digest))
    if (isStored) return answerStored(exchange, digest)
    if (!isOciDigest(digest)) await upload.abandon()
    throw new RegistryRefusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
}

function answerProgress(
  { response, repository }: Exchange,
  id: string,
  { upload, status }: { readonly upload: BlobUpload; readonly status: number },
): void {
  response
    .writeHead(status, {
      location: `/v2/${repository}/blobs/uploads/${id}`,
      range: `0-${Math.max(0, upload.size() - 1)}`,
      'docker-upload-uuid': id,
      'content-length': 0,
    })
    .end()
}

function answerStored({ response, repository }: Exchange, digest: string): void {
  response
    .writeHead(201, {
      'docker-content-digest': digest,
      location: `/v2/${repository}/blobs/${digest}`,
      'content-length': 0,
    })
    .end()
}

/** A piece says where it begins; it must be where the one before ended. */
function checkPosition({ request, response }: Exchange, upload: BlobUpload): void {
  const start = /^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '')?.[1]
  if (start === undefined || Number(start) === upload.size()) return
  response.setHeader('range', `0-${Math.max(0, upload.size() - 1)}`)
  throw new RegistryRefusal(416, 'BLOB_UPLOAD_INVALID', 'the piece does not begin where the last one ended')
}

function parseRange(header: string | undefined, size: number): BlobRange | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start <= end ? { start, end } : 'unsatisfiable'
}

function unsupported(): RegistryRefusal {
  return new RegistryRefusal(405, 'UNSUPPORTED', 'the operation is unsupported')
}
