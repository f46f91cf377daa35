import { createHash, createHmac } from 'node:crypto'

export type AwsCredentials = {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export type SigningOptions = {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly region: string
  /** As the signature names it: `s3`, `ecr`. */
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Headers beside those that every signature has; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * Headers that authorize a request with Signature Version 4, those given included.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export function signAws(
  { method, url, region, service, now, headers: given = {}, body = '' }: SigningOptions,
  { accessKey, secretKey, sessionToken }: AwsCredentials,
): Record<string, string> {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    ...given,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const names = Object.keys(headers).toSorted()
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const hash = createHash('sha256').update(canonical).digest('hex')
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretKey}`))
  const signature = hmac(key, toSign).toString('hex')
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

/** A key or value as signatures have it: everything but unreserved characters in percent form. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function canonicalQuery({ search }: URL): string {
  return search
    .slice(1)
    .split('&')
    .filter((it) => it !== '')
    .toSorted()
    .join('&')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
