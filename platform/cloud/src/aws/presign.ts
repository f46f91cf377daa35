import { createHash, createHmac } from 'node:crypto'
import { type AwsCredentials, encodeRfc3986 } from './sign.ts'

export type PresignOptions = {
  readonly url: URL
  readonly region: string
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly expiresSeconds: number
  /** Headers that whoever uses the address has to send; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * An address that carries its own signature, for a GET without a body.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, in a query string
 */
export function presignAws(
  { url, region, service, now, expiresSeconds, headers }: PresignOptions,
  { accessKey, secretKey, sessionToken }: AwsCredentials,
): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/${region}/${service}/aws4_request`
  const signed: Record<string, string> = { ...headers, host: url.host }
  const names = Object.keys(signed).toSorted()
  const query = [
    ...url.searchParams,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${accessKey}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(expiresSeconds)],
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken]]),
    ['X-Amz-SignedHeaders', names.join(';')],
  ]
    .map(([name = '', value = '']) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .toSorted()
    .join('&')
  const canonical = [
    'GET',
    url.pathname,
    query,
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    sha256(''),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretKey}`))
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${hmac(key, toSign).toString('hex')}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
