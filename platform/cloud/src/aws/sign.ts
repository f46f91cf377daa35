import { createHash } from 'node:crypto'
import { awsAlgorithm, awsScope, awsSignature } from './signature.ts'

export type AwsCredentials = {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export type SigningOptions = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly region: string
  /** As the signature names it: `s3`, `ecr`. */
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Headers beside those that every signature has; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
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
  const scope = awsScope(now, region, service)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    ...given,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': scope.time,
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
  const signature = awsSignature(canonical, scope, secretKey)
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `${awsAlgorithm} Credential=${accessKey}/${scope.name}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
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
