import { sha256Hex } from '@sluice/go'
import { type AwsCredentials, encodeRfc3986 } from './sign.ts'
import { awsAlgorithm, awsScope, awsSignature } from './signature.ts'

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
  const scope = awsScope(now, region, service)
  const signed: Record<string, string> = { ...headers, host: url.host }
  const names = Object.keys(signed).toSorted()
  const query = [
    ...url.searchParams,
    ['X-Amz-Algorithm', awsAlgorithm],
    ['X-Amz-Credential', `${accessKey}/${scope.name}`],
    ['X-Amz-Date', scope.time],
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
    sha256Hex(''),
  ].join('\n')
  const signature = awsSignature(canonical, scope, secretKey)
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signature}`
}
