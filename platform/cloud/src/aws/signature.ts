import { createHmac } from 'node:crypto'
import { sha256Hex } from '@sluice/go'

/** The first word of what is signed and of where the signature stands. */
export const awsAlgorithm = 'AWS4-HMAC-SHA256'

/** What a signature is good for: a service in a region, on one day. */
export type AwsScope = {
  /** The moment as AWS writes it: `20260102T030405Z`. */
  readonly time: string
  /** `<day>/<region>/<service>/aws4_request` */
  readonly name: string
}

/** @param now milliseconds since the epoch */
export function awsScope(now: number, region: string, service: string): AwsScope {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return { time, name: `${time.slice(0, 8)}/${region}/${service}/aws4_request` }
}

/**
 * The signature of a request in hexadecimal digits.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html, Signature Version 4
 * @param canonical the request in its canonical form
 */
export function awsSignature(canonical: string, { time, name }: AwsScope, secretKey: string): string {
  const toSign = [awsAlgorithm, time, name, sha256Hex(canonical)].join('\n')
  const key = name.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretKey}`))
  return hmac(key, toSign).toString('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
