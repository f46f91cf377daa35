import { SignatureError } from '../signature-error.ts'
import {
  checkCritical,
  headers,
  maxCertificates,
  payloadType,
  type SignatureEnvelope,
  schemeOf,
  timestampHeader,
} from './envelope.ts'

/**
 * Reads a signature in the flattened form of JSON Web Signatures.
 *
 * Source: https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md
 * @throws {SignatureError}
 */
export function readJwsEnvelope(content: Uint8Array): SignatureEnvelope {
  const envelope = objectIn(new TextDecoder().decode(content))
  const [payload, encoded, signature] = ['payload', 'protected', 'signature'].map((name) =>
    textIn(envelope, name),
  )
  if (payload === undefined || encoded === undefined || signature === undefined) {
    throw malformed('a part is missing')
  }
  const header = objectIn(Buffer.from(encoded, 'base64url').toString())
  const { alg, cty, crit } = header
  if (cty !== payloadType) throw malformed('the content is of another type')
  checkCritical(Array.isArray(crit) ? crit : [], (name) => name in header)
  const expiry = timeIn(header, headers.expiry)
  const authenticSigningTime = timeIn(header, headers.authenticTime)
  return {
    algorithm: typeof alg === 'string' ? alg : '',
    scheme: schemeOf(header[headers.scheme]),
    ...(expiry === undefined ? {} : { expiry }),
    ...(authenticSigningTime === undefined ? {} : { authenticSigningTime }),
    payload: Buffer.from(payload, 'base64url'),
    signed: Buffer.from(`${encoded}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
    ...timestampIn(envelope['header']),
    certificates: certificatesIn(envelope['header']),
  }
}

function timestampIn(header: unknown): { readonly timestamp?: Uint8Array } {
  const token = ((header ?? {}) as Readonly<Record<string, unknown>>)[timestampHeader]
  return typeof token === 'string' ? { timestamp: Buffer.from(token, 'base64') } : {}
}

function certificatesIn(header: unknown): readonly Uint8Array[] {
  const { x5c } = (header ?? {}) as { readonly x5c?: unknown }
  const isChain =
    Array.isArray(x5c) && x5c.length <= maxCertificates && x5c.every((it) => typeof it === 'string')
  if (!isChain) throw malformed('it has no certificates')
  return (x5c as readonly string[]).map((it) => Buffer.from(it, 'base64'))
}

function timeIn(header: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = header[name]
  if (value === undefined) return undefined
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw malformed('a time is none')
  return time
}

function textIn(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = object[name]
  return typeof value === 'string' ? value : undefined
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw malformed('it is no JSON object')
}

function malformed(why: string): SignatureError {
  return new SignatureError(`malformed JWS envelope: ${why}`)
}
