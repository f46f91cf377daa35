import { type HttpRequest, type HttpResponse, readBody } from '@sluice/ports'
import {
  type BucketClient,
  type BucketConnection,
  type BucketObject,
  checkKey,
  maxPageBytes,
  maxPages,
} from '../bucket-client.ts'
import { BucketError } from '../bucket-error.ts'

export type GcsOptions = BucketConnection & {
  /** Host and port; `storage.googleapis.com` for Google itself. */
  readonly endpoint: string
  readonly bucket: string
  readonly insecure?: boolean
  /** Gives a token for reading; anonymous when absent. */
  readonly fetchToken?: () => Promise<string>
}

/** A bucket of Google Cloud Storage. Source: https://cloud.google.com/storage/docs/json_api/v1 */
export function gcsBucket(options: GcsOptions): BucketClient {
  const { endpoint, bucket, insecure = false } = options
  const base = `${insecure ? 'http' : 'https'}://${endpoint}/storage/v1/b/${encodeURIComponent(bucket)}`
  let token: string | undefined

  return {
    exists: async () => {
      const { response, body } = await send(base, maxPageBytes)
      if (response.status === 404) return false
      if (response.status !== 200) throw errorFrom(response, body)
      return true
    },
    list: listAll,
    get: async (key, { maxBytes }) => {
      const { response, body } = await send(
        `${base}/o/${encodeURIComponent(checkKey(key))}?alt=media`,
        maxBytes,
      )
      if (response.status === 404) throw new BucketError('OBJECT_NOT_FOUND', "storage: object doesn't exist")
      if (response.status !== 200) throw errorFrom(response, body)
      return { content: body, etag: response.headers.get('etag') ?? '' }
    },
  }

  async function* listAll(prefix: string): AsyncGenerator<BucketObject> {
    let page: string | undefined
    for (let count = 0; count < maxPages; count += 1) {
      const query = new URLSearchParams({
        ...(prefix === '' ? {} : { prefix }),
        ...(page === undefined ? {} : { pageToken: page }),
        fields: 'items(name,etag,size),nextPageToken',
      })
      // A page is asked for with what the one before ends with.
      const { response, body } = await send(`${base}/o?${query.toString()}`, maxPageBytes)
      if (response.status !== 200) throw errorFrom(response, body)
      const { items, nextPageToken } = parseObject(new TextDecoder().decode(body)) ?? {}
      yield* (Array.isArray(items) ? items : []).map(decodeObject)
      if (typeof nextPageToken !== 'string') return
      page = nextPageToken
    }
    throw new BucketError('BUCKET_TOO_LARGE', 'the listing of the bucket does not end')
  }

  async function send(url: string, maxBytes: number): Promise<Answer> {
    token ??= await options.fetchToken?.()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return exchange({ method: 'GET', url, headers, maxBodyBytes: maxBytes }, options)
  }
}

type Answer = { readonly response: HttpResponse; readonly body: Uint8Array }

async function exchange(
  request: Omit<HttpRequest, 'timeoutMs'>,
  { http, signal, timeoutMs, tls, proxy }: BucketConnection,
): Promise<Answer> {
  const more = { ...(tls ? { tls } : {}), ...(proxy ? { proxy } : {}), timeoutMs }
  const response = await http.request({ ...request, ...more }, { signal })
  return { response, body: await readBody(response.body) }
}

function decodeObject(value: unknown): BucketObject {
  const { name, etag, size } = (value ?? {}) as Record<string, unknown>
  const sizeBytes = Number(size ?? 0)
  if (typeof name !== 'string' || !Number.isSafeInteger(sizeBytes)) {
    throw new BucketError('BUCKET_INVALID', 'the listing of the bucket is malformed')
  }
  return { key: name, etag: typeof etag === 'string' ? etag : '', sizeBytes }
}

function errorFrom({ status }: HttpResponse, body: Uint8Array): BucketError {
  const { error } = parseObject(new TextDecoder().decode(body)) ?? {}
  const { message } = (error ?? {}) as { readonly message?: unknown }
  const text = typeof message === 'string' ? message : `unexpected status code ${status}`
  return new BucketError('BUCKET_REFUSED', `googleapi: Error ${status}: ${text}`)
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
