import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import { type CertificateRequest, CryptoError } from '@sluice/ports'
import {
  der,
  derBitString,
  derElements,
  derInteger,
  derObjectIdentifier,
  derSequence,
  derTag,
} from './der.ts'

const keyUsageBits = { digitalSignature: 0x80, keyEncipherment: 0x20, certSign: 0x04 } as const
const extendedUsages = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const
const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

/**
 * Makes an X.509 version 3 certificate, self-signed when the request names no issuer.
 *
 * Source: RFC 5280 §4; extensions and their order as Go's x509.CreateCertificate writes them.
 * @returns PEM
 * @throws {CryptoError} when a key or the issuer's certificate cannot be read, or a key cannot sign.
 */
export function createCertificate(request: CertificateRequest): string {
  try {
    return toPem('CERTIFICATE', build(request))
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause
    throw new CryptoError('CRYPTO_INVALID_INPUT', `cannot make a certificate for ${request.commonName}`, {
      cause,
    })
  }
}

/** PEM with lines of 64 characters. */
export function toPem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function build(request: CertificateRequest): Buffer {
  const key = createPrivateKey(request.privateKey)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const subject = distinguishedName(request.commonName, request.organizations ?? [])
  const issuer = request.issuer ? issuerOf(request.issuer.certificate) : undefined
  const signingKey = request.issuer ? createPrivateKey(request.issuer.privateKey) : key
  const signature = signatureAlgorithm(signingKey)
  const toBeSigned = derSequence(
    der(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(request.serialNumber),
    signature.identifier,
    issuer?.subject ?? subject,
    derSequence(time(request.notBefore), time(request.notAfter)),
    subject,
    publicKey,
    der(0xa3, derSequence(...extensions(request, publicKey, issuer?.keyId))),
  )
  return derSequence(
    toBeSigned,
    signature.identifier,
    derBitString(sign(signature.digest, toBeSigned, signingKey)),
  )
}

function distinguishedName(commonName: string, organizations: readonly string[]): Buffer {
  const names: Buffer[] = []
  if (organizations.length > 0) {
    names.push(der(derTag.set, ...organizations.map((it) => attribute(oid.organization, it))))
  }
  if (commonName !== '') names.push(der(derTag.set, attribute(oid.commonName, commonName)))
  return derSequence(...names)
}

function attribute(type: string, value: string): Buffer {
  return derSequence(derObjectIdentifier(type), directoryString(value))
}

function directoryString(value: string): Buffer {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value)
  return der(printable ? derTag.printableString : derTag.utf8String, Buffer.from(value, 'utf8'))
}

/** The issuer's subject and key identifier, byte for byte as its certificate has them. */
function issuerOf(pem: string): { readonly subject: Uint8Array; readonly keyId: Uint8Array } {
  const certificate = new X509Certificate(pem)
  const [outer] = derElements(certificate.raw)
  const [toBeSigned] = derElements(outer?.content ?? new Uint8Array())
  const fields = derElements(toBeSigned?.content ?? new Uint8Array())
  // version [0], serial, signature, issuer, validity, subject, …
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4]
  if (!subject) throw new CryptoError('CRYPTO_INVALID_INPUT', 'the issuer certificate has no subject')
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return { subject: der(subject.tag, subject.content), keyId: keyIdentifier(publicKey) }
}

/** SHA-1 of the key's bits. Source: RFC 5280 §4.2.1.2, method 1. */
function keyIdentifier(publicKey: Uint8Array): Uint8Array {
  const [outer] = derElements(publicKey)
  const [, bits] = derElements(outer?.content ?? new Uint8Array())
  return createHash('sha1')
    .update((bits?.content ?? new Uint8Array()).subarray(1))
    .digest()
}

function extensions(
  request: CertificateRequest,
  publicKey: Uint8Array,
  issuerKeyId: Uint8Array | undefined,
): Buffer[] {
  const result: Buffer[] = []
  const usage = request.usages.reduce(
    (bits, it) => (it in keyUsageBits ? bits | keyUsageBits[it as keyof typeof keyUsageBits] : bits),
    0,
  )
  if (usage !== 0) {
    const unusedBits = 31 - Math.clz32(usage & -usage)
    result.push(extension(oid.keyUsage, true, derBitString(Uint8Array.of(usage), unusedBits)))
  }
  const extended = request.usages.flatMap((it) =>
    it in extendedUsages ? [derObjectIdentifier(extendedUsages[it as keyof typeof extendedUsages])] : [],
  )
  if (extended.length > 0) result.push(extension(oid.extendedKeyUsage, false, derSequence(...extended)))
  const isTrue = der(derTag.boolean, Uint8Array.of(0xff))
  result.push(extension(oid.basicConstraints, true, request.isCa ? derSequence(isTrue) : derSequence()))
  if (request.isCa) {
    const id = der(derTag.octetString, keyIdentifier(publicKey))
    result.push(extension(oid.subjectKeyIdentifier, false, id))
  }
  if (issuerKeyId) {
    result.push(extension(oid.authorityKeyIdentifier, false, derSequence(der(0x80, issuerKeyId))))
  }
  const names = [
    ...(request.dnsNames ?? []).map((it) => der(0x82, Buffer.from(it, 'latin1'))),
    ...(request.ipAddresses ?? []).map((it) => der(0x87, ipOctets(it))),
  ]
  if (names.length > 0) result.push(extension(oid.subjectAltName, false, derSequence(...names)))
  return result
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  const flag = critical ? [der(derTag.boolean, Uint8Array.of(0xff))] : []
  return derSequence(derObjectIdentifier(id), ...flag, der(derTag.octetString, value))
}

function ipOctets(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number))
  if (!isIPv6(address)) throw new CryptoError('CRYPTO_INVALID_INPUT', `${address} is not an IP address`)
  // URL brings every spelling of an IPv6 address, embedded IPv4 included, into one form.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const left = groups(head)
  const right = groups(tail)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return Uint8Array.from(
    [...left, ...zeros, ...right].flatMap((it) => {
      const value = Number.parseInt(it, 16)
      return [value >> 8, value & 0xff]
    }),
  )
}

function groups(text: string | undefined): string[] {
  return text ? text.split(':') : []
}

function time(ms: number): Buffer {
  const date = new Date(ms)
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  const utc = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050
  return utc
    ? der(derTag.utcTime, Buffer.from(digits.slice(2)))
    : der(derTag.generalizedTime, Buffer.from(digits))
}

function signatureAlgorithm(key: KeyObject): { readonly identifier: Buffer; readonly digest: string | null } {
  const type = key.asymmetricKeyType
  if (type === 'rsa') {
    return {
      identifier: derSequence(derObjectIdentifier('1.2.840.113549.1.1.11'), der(derTag.null)),
      digest: 'sha256',
    }
  }
  if (type === 'ec') {
    return { identifier: derSequence(derObjectIdentifier('1.2.840.10045.4.3.2')), digest: 'sha256' }
  }
  if (type === 'ed25519') return { identifier: derSequence(derObjectIdentifier('1.3.101.112')), digest: null }
  throw new CryptoError('CRYPTO_INVALID_INPUT', `a key of type ${type} cannot sign certificates`)
}
