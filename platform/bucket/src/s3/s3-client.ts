import { type AwsCredentials, encodeRfc3986, signAws, xmlElements, xmlText } from '@sluice/cloud'
import { type HttpResponse, readBody } from '@sluice/ports'
import {
  type BucketConnection,
  type BucketObject,
  checkKey,
  maxPageBytes,
  maxPages,
  type WritableBucket,
} from '../bucket-client.ts'
import { BucketError } from '../bucket-error.ts'

export type S3Options = BucketConnection & {
  /** Host and port, such as `s3.amazonaws.com`. */
  readonly endpoint: string
  readonly bucket: string
  /** Default: `us-east-1`, until the store names another. */
  readonly region?: string
  /** Plain HTTP. */
  readonly insecure?: boolean
  /** Anonymous when absent. */
  readonly credentials?: AwsCredentials
}

type Question = {
  readonly method?: 'GET' | 'PUT' | 'DELETE'
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly content?: Uint8Array
  readonly maxBytes: number
}

type Answer = { readonly response: HttpResponse; readonly body: Uint8Array }

/** A bucket behind the S3 API: Amazon's, MinIO's and others'. */
export function s3Bucket(options: S3Options): WritableBucket {
  const send = s3Requests(options)

  return {
    exists: async () => {
      const query = { 'list-type': '2', 'max-keys': '1' }
      const { response, body } = await send({ query, maxBytes: maxPageBytes })
      if (response.status === 200) return true
      if (response.status === 404) return false
      throw errorFrom(response, body)
    },
    list: listAll,
    get: async (key, { maxBytes }) => {
      const { response, body } = await send({ key: checkKey(key), maxBytes })
      if (response.status === 404) {
        throw new BucketError('OBJECT_NOT_FOUND', 'The specified key does not exist.')
      }
      if (response.status !== 200) throw errorFrom(response, body)
      return { content: body, etag: trimQuotes(response.headers.get('etag') ?? '') }
    },
    put: async (key, content) => {
      const { response, body } = await send({ ...writing(key), method: 'PUT', content })
      if (response.status !== 200) throw errorFrom(response, body)
    },
    remove: async (key) => {
      const { response, body } = await send({ ...writing(key), method: 'DELETE' })
      if (![200, 204, 404].includes(response.status)) throw errorFrom(response, body)
    },
  }

  async function* listAll(prefix: string): AsyncGenerator<BucketObject> {
    let token: string | undefined
    for (let page = 0; page < maxPages; page += 1) {
      const query = {
        'encoding-type': 'url',
        'list-type': '2',
        ...(prefix === '' ? {} : { prefix }),
        ...(token === undefined ? {} : { 'continuation-token': token }),
      }
      // A page is asked for with what the one before ends with.
      const { response, body } = await send({ query, maxBytes: maxPageBytes })
      if (response.status !== 200) throw errorFrom(response, body)
      const xml = new TextDecoder().decode(body)
      yield* xmlElements(xml, 'Contents').map(decodeObject)
      token = xmlText(xml, 'NextContinuationToken')
      if (xmlText(xml, 'IsTruncated') !== 'true' || token === undefined) return
    }
    throw new BucketError('BUCKET_TOO_LARGE', 'the listing of the bucket does not end')
  }
}

/** Sends signed requests, to the region that the store says it is in. */
function s3Requests(options: S3Options): (question: Question) => Promise<Answer> {
  const { endpoint, bucket, insecure = false } = options
  let region = options.region || 'us-east-1'
  // Amazon's own buckets have a host name each; others are told apart by the path.
  const isVirtual = /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(endpoint) && /^[a-z0-9-]+$/.test(bucket)
  const base = `${insecure ? 'http' : 'https'}://${isVirtual ? `${bucket}.${endpoint}/` : `${endpoint}/${bucket}/`}`

  return send

  async function send(question: Question): Promise<Answer> {
    const answer = await sendOnce(question)
    const found = regionOf(answer)
    if (answer.response.status < 300 || found === undefined || found === region) return answer
    region = found
    return sendOnce(question)
  }

  async function sendOnce({
    method = 'GET',
    key = '',
    query = {},
    content,
    maxBytes,
  }: Question): Promise<Answer> {
    const search = Object.entries(query).map(
      ([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`,
    )
    const path = key.split('/').map(encodeRfc3986).join('/')
    const url = new URL(`${base}${path}${search.length > 0 ? `?${search.join('&')}` : ''}`)
    const body = content && { body: content }
    const headers = options.credentials
      ? signAws({ method, url, region, service: 's3', now: options.now(), ...body }, options.credentials)
      : {}
    const response = await options.http.request(
      {
        method,
        url: url.href,
        headers,
        ...body,
        ...(options.tls ? { tls: options.tls } : {}),
        ...(options.proxy ? { proxy: options.proxy } : {}),
        maxBodyBytes: maxBytes,
        timeoutMs: options.timeoutMs,
      },
      { signal: options.signal },
    )
    return { response, body: await readBody(response.body) }
  }
}

function writing(key: string): Question {
  return { key: checkKey(key), maxBytes: maxPageBytes }
}

function decodeObject(xml: string): BucketObject {
  const key = xmlText(xml, 'Key')
  const sizeBytes = Number(xmlText(xml, 'Size') ?? 0)
  if (key === undefined || !Number.isSafeInteger(sizeBytes)) {
    throw new BucketError('BUCKET_INVALID', 'the listing of the bucket is malformed')
  }
  return { key: decodeKey(key), etag: trimQuotes(xmlText(xml, 'ETag') ?? ''), sizeBytes }
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch (cause) {
    throw new BucketError('BUCKET_INVALID', 'the listing of the bucket is malformed', { cause })
  }
}

/** The region that a store says it is in, when the request was signed for another. */
function regionOf({ response, body }: Answer): string | undefined {
  const header = response.headers.get('x-amz-bucket-region')
  if (header !== undefined || response.status < 300) return header
  return xmlText(new TextDecoder().decode(body.subarray(0, 4096)), 'Region')
}

function errorFrom({ status }: HttpResponse, body: Uint8Array): BucketError {
  const xml = new TextDecoder().decode(body.subarray(0, 64 * 1024))
  const message = xmlText(xml, 'Message') ?? `unexpected status code ${status}`
  return new BucketError(status === 404 ? 'BUCKET_NOT_FOUND' : 'BUCKET_REFUSED', message)
}

function trimQuotes(etag: string): string {
  return etag.replaceAll('"', '')
}
