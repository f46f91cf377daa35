import { constants, createPrivateKey, sign } from 'node:crypto'
import { createCertificate, nodeCrypto } from '@sluice/host'
import { mediaTypes } from '@sluice/oci'
import type { CertificateRequest } from '@sluice/ports'

const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
const timestampKey = 'io.cncf.notary.timestampSignature'
export const contentType = 'application/vnd.cncf.notary.payload.v1+json'

/** A key with the certificates from its own to the root. PEM. */
export type Signer = { readonly privateKey: string; readonly chain: readonly string[] }

export type SignerOptions = {
  readonly kind?: 'rsa' | 'ecdsa'
  readonly notAfter?: number
  readonly usages?: CertificateRequest['usages']
  readonly isCa?: boolean
}

/** A signer below an authority. */
export function makeSigner(now: number, options: SignerOptions = {}): Signer {
  const { kind = 'ecdsa', notAfter = now + 86_400_000, usages = ['digitalSignature'], isCa = false } = options
  const root = nodeCrypto.generateKey('ecdsa')
  const { privateKey } = nodeCrypto.generateKey(kind)
  const period = { notBefore: now - 86_400_000, notAfter }
  const serialNumber = new Uint8Array([1])
  const rootCertificate = createCertificate({
    ...period,
    notAfter: now + 86_400_000,
    commonName: 'root',
    isCa: true,
    usages: ['certSign'],
    serialNumber,
    privateKey: root.privateKey,
  })
  const certificate = createCertificate({
    ...period,
    commonName: 'signer',
    organizations: ['team'],
    isCa,
    usages,
    serialNumber,
    privateKey,
    issuer: { certificate: rootCertificate, privateKey: root.privateKey },
  })
  return { privateKey, chain: [certificate, rootCertificate] }
}

export type SignOptions = {
  readonly target: { readonly digest: string; readonly size: number }
  readonly scheme?: string
  /** Seconds since the epoch. */
  readonly expiry?: number
  readonly authenticTime?: number
  readonly critical?: readonly string[]
  readonly algorithm?: string
  /** Gives a token over a signature. */
  readonly timestamp?: (signature: Buffer) => Buffer
}

function describe(options: SignOptions): { readonly payload: Buffer; readonly critical: readonly string[] } {
  const { target, expiry, authenticTime, critical = [] } = options
  const targetArtifact = { mediaType: mediaTypes.manifest, ...target }
  return {
    payload: Buffer.from(JSON.stringify({ targetArtifact })),
    critical: [
      'io.cncf.notary.signingScheme',
      ...(expiry === undefined ? [] : ['io.cncf.notary.expiry']),
      ...(authenticTime === undefined ? [] : ['io.cncf.notary.authenticSigningTime']),
      ...critical,
    ],
  }
}

function signWith({ privateKey }: Signer, content: Uint8Array): Buffer {
  const key = createPrivateKey(privateKey)
  return key.asymmetricKeyType === 'rsa'
    ? sign('sha256', content, { key, padding, saltLength })
    : sign('sha256', content, { key, dsaEncoding: 'ieee-p1363' })
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
}

const rfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

/** A signature as a JSON Web Signature. */
export function signJws(signer: Signer, options: SignOptions): Buffer {
  const { payload, critical } = describe(options)
  const isRsa = createPrivateKey(signer.privateKey).asymmetricKeyType === 'rsa'
  const header = {
    alg: options.algorithm ?? (isRsa ? 'PS256' : 'ES256'),
    cty: contentType,
    crit: critical,
    'io.cncf.notary.signingScheme': options.scheme ?? 'notary.x509',
    'io.cncf.notary.signingTime': rfc3339(0),
    ...(options.expiry === undefined ? {} : { 'io.cncf.notary.expiry': rfc3339(options.expiry) }),
    ...(options.authenticTime === undefined
      ? {}
      : { 'io.cncf.notary.authenticSigningTime': rfc3339(options.authenticTime) }),
  }
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
  const body = payload.toString('base64url')
  const signature = signWith(signer, Buffer.from(`${encoded}.${body}`))
  const token = options.timestamp?.(signature)
  return Buffer.from(
    JSON.stringify({
      payload: body,
      protected: encoded,
      header: {
        x5c: signer.chain.map((it) => derOf(it).toString('base64')),
        ...(token && { [timestampKey]: token.toString('base64') }),
      },
      signature: signature.toString('base64url'),
    }),
  )
}

type Encodable = number | string | Buffer | readonly Encodable[] | ReadonlyMap<Encodable, Encodable> | Tagged
type Tagged = { readonly tag: number; readonly value: Encodable }

/** CBOR of what the envelopes need. */
export function encodeCbor(value: Encodable): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (value instanceof Map) {
    return Buffer.concat([head(5, value.size), ...[...value].flat().map((it) => encodeCbor(it as Encodable))])
  }
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)])
  const { tag, value: inner } = value as Tagged
  return Buffer.concat([head(6, tag), encodeCbor(inner)])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  const size = length < 0x100 ? 1 : length < 0x1_00_00 ? 2 : 4
  const bytes = Buffer.alloc(1 + size)
  bytes[0] = (major << 5) | (23 + { 1: 1, 2: 2, 4: 3 }[size])
  bytes.writeUIntBE(length, 1, size)
  return bytes
}

/** A signature as a COSE_Sign1. */
export function signCose(signer: Signer, options: SignOptions): Buffer {
  const { payload, critical } = describe(options)
  const isRsa = createPrivateKey(signer.privateKey).asymmetricKeyType === 'rsa'
  const header = encodeCbor(
    new Map<Encodable, Encodable>([
      [1, isRsa ? -37 : -7],
      [2, critical],
      [3, contentType],
      ['io.cncf.notary.signingScheme', options.scheme ?? 'notary.x509'],
      ['io.cncf.notary.signingTime', { tag: 1, value: 0 }],
      ...(options.expiry === undefined
        ? []
        : [['io.cncf.notary.expiry', { tag: 1, value: options.expiry }] as const]),
      ...(options.authenticTime === undefined
        ? []
        : [['io.cncf.notary.authenticSigningTime', { tag: 1, value: options.authenticTime }] as const]),
    ]),
  )
  const signed = encodeCbor(['Signature1', header, Buffer.alloc(0), payload])
  const signature = signWith(signer, signed)
  const token = options.timestamp?.(signature)
  const unprotected = new Map<Encodable, Encodable>([
    [33, signer.chain.map(derOf)],
    ...(token ? [[timestampKey, token] as const] : []),
  ])
  return encodeCbor({ tag: 18, value: [header, unprotected, payload, signature] })
}
