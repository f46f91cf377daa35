import { createSign } from 'node:crypto'
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

/** What a key file of a Google service account holds, as far as it is needed. */
export type GoogleServiceAccount = {
  readonly clientEmail: string
  /** PEM. */
  readonly privateKey: string
  readonly tokenUri: string
}

export type GcsOptions = BucketConnection & {
  /** Host and port; `storage.googleapis.com` for Google itself. */
  readonly endpoint: string
  readonly bucket: string
  readonly insecure?: boolean
  /** Anonymous when absent. */
  readonly serviceAccount?: GoogleServiceAccount
}

const scope = 'https://www.googleapis.com/auth/devstorage.read_only'
const tokenLifetimeMs = 3_600_000

/** Reads a key file. @throws {BucketError} without repeating any of it. */
export function parseServiceAccount(text: string): GoogleServiceAccount {
  const fields = parseObject(text)
  const { client_email: clientEmail, private_key: privateKey, token_uri: tokenUri } = fields ?? {}
  if (typeof clientEmail !== 'string' || typeof privateKey !== 'string') {
    throw new BucketError('BUCKET_INVALID', 'the service account is not valid')
  }
  const uri = typeof tokenUri === 'string' ? tokenUri : 'https://oauth2.googleapis.com/token'
  return { clientEmail, privateKey, tokenUri: uri }
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
    const { serviceAccount } = options
    if (serviceAccount) token ??= await fetchToken(serviceAccount, options)
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

/** Source: https://developers.google.com/identity/protocols/oauth2/service-account */
async function fetchToken(
  { clientEmail, privateKey, tokenUri }: GoogleServiceAccount,
  connection: BucketConnection,
): Promise<string> {
  const issued = Math.floor(connection.now() / 1000)
  const claims = {
    iss: clientEmail,
    scope,
    aud: tokenUri,
    iat: issued,
    exp: issued + tokenLifetimeMs / 1000,
  }
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  const assertion = `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(privateKey, 'base64url')}`
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
  const { response, body } = await exchange(
    {
      method: 'POST',
      url: tokenUri,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      maxBodyBytes: maxPageBytes,
    },
    connection,
  )
  const { access_token: token } = parseObject(new TextDecoder().decode(body)) ?? {}
  if (response.status !== 200 || typeof token !== 'string') {
    throw new BucketError('BUCKET_REFUSED', `oauth2: cannot fetch token: ${response.status}`)
  }
  return token
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
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
