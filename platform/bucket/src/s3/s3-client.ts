import { type AwsCredentials, encodeRfc3986, signAws, xmlElements, xmlText } from '@sluice/cloud'
import { type HttpResponse, readBody } from '@sluice/ports'
import {
  type BucketClient,
  type BucketConnection,
  type BucketObject,
  checkKey,
  maxPageBytes,
  maxPages,
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

type Answer = { readonly response: HttpResponse; readonly body: Uint8Array }

/** A bucket behind the S3 API: Amazon's, MinIO's and others'. */
export function s3Bucket(options: S3Options): BucketClient {
  const { endpoint, bucket, insecure = false } = options
  let region = options.region || 'us-east-1'
  // Amazon's own buckets have a host name each; others are told apart by the path.
  const isVirtual = /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(endpoint) && /^[a-z0-9-]+$/.test(bucket)
  const base = `${insecure ? 'http' : 'https'}://${isVirtual ? `${bucket}.${endpoint}/` : `${endpoint}/${bucket}/`}`

  return {
    exists: async () => {
      const { response, body } = await send('', { 'list-type': '2', 'max-keys': '1' }, maxPageBytes)
      if (response.status === 200) return true
      if (response.status === 404) return false
      throw errorFrom(response, body)
    },
    list: listAll,
    get: async (key, { maxBytes }) => {
      const { response, body } = await send(checkKey(key), {}, maxBytes)
      if (response.status === 404) {
        throw new BucketError('OBJECT_NOT_FOUND', 'The specified key does not exist.')
      }
      if (response.status !== 200) throw errorFrom(response, body)
      return { content: body, etag: trimQuotes(response.headers.get('etag') ?? '') }
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
      const { response, body } = await send('', query, maxPageBytes)
      if (response.status !== 200) throw errorFrom(response, body)
      const xml = new TextDecoder().decode(body)
      yield* xmlElements(xml, 'Contents').map(decodeObject)
      token = xmlText(xml, 'NextContinuationToken')
      if (xmlText(xml, 'IsTruncated') !== 'true' || token === undefined) return
    }
    throw new BucketError('BUCKET_TOO_LARGE', 'the listing of the bucket does not end')
  }

  async function send(
    key: string,
    query: Readonly<Record<string, string>>,
    maxBytes: number,
  ): Promise<Answer> {
    const answer = await sendOnce(key, query, maxBytes)
    const found = regionOf(answer)
    if (answer.response.status < 300 || found === undefined || found === region) return answer
    region = found
    return sendOnce(key, query, maxBytes)
  }

  async function sendOnce(
    key: string,
    query: Readonly<Record<string, string>>,
    maxBytes: number,
  ): Promise<Answer> {
    const search = Object.entries(query).map(
      ([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`,
    )
    const path = key.split('/').map(encodeRfc3986).join('/')
    const url = new URL(`${base}${path}${search.length > 0 ? `?${search.join('&')}` : ''}`)
    const headers = options.credentials
      ? signAws({ method: 'GET', url, region, service: 's3', now: options.now() }, options.credentials)
      : {}
    const response = await options.http.request(
      {
        method: 'GET',
        url: url.href,
        headers,
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
