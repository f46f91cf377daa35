import { createHash, X509Certificate } from 'node:crypto'
import { SignatureError } from '../signature-error.ts'
import { certificateFields } from './x509/certificate-fields.ts'
import {
  contextTag,
  type DerValue,
  der,
  derValue,
  derValues,
  oidText,
  partsOf,
  required,
  tag,
  timeOf,
} from './x509/der.ts'
import { digestName, isSignedBy } from './x509/signed-data.ts'

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  timestamp: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  extendedKeyUsage: '2.5.29.37',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const
const maxChain = 10

/** When a signature was there already, by the word of a timestamp authority. Milliseconds since the epoch. */
export type Timestamp = {
  readonly earliest: number
  readonly latest: number
  /** The authority's certificates, its own first. */
  readonly chain: readonly X509Certificate[]
}

/**
 * Reads a countersignature over a signature.
 *
 * Source: RFC 3161, RFC 5652, RFC 5816; notaryproject/tspclient-go.
 * @param trusted certificates one of which the authority's must lead to.
 * @throws {SignatureError}
 */
export function readTimestamp(
  token: Uint8Array,
  signature: Uint8Array,
  trusted: readonly X509Certificate[],
): Timestamp {
  const { content, certificates, signerInfo } = signedDataIn(token)
  const [version, signerId, digestAlgorithm, attributes, algorithm, value] = partsOf(signerInfo)
  required(version, tag.integer)
  const signer = certificates.find((it) => isNamed(it, signerId))
  if (!signer) throw fail('the certificate of the timestamp authority is missing')
  const hash = digestName(digestAlgorithm)
  const signed = attributesIn(attributes)
  checkAttributes(signed, { content, hash, signer })
  const isSigned = isSignedBy(
    {
      // They are signed as the set that they are, not as the field that they stand in.
      content: der(tag.set, required(attributes, contextTag(0)).content),
      algorithm,
      signature: required(value, tag.octetString).content,
      hash,
    },
    signer.publicKey,
  )
  if (!isSigned) throw fail('its signature is not valid')
  const { time, accuracyMs } = informationIn(content, signature)
  const chain = chainTo(signer, { certificates, trusted, time })
  return { earliest: time - accuracyMs, latest: time + accuracyMs, chain }
}

type TokenParts = {
  readonly content: Buffer
  readonly certificates: readonly X509Certificate[]
  readonly signerInfo: DerValue
}

function signedDataIn(token: Uint8Array): TokenParts {
  const [type, wrapped] = partsOf(derValue(token))
  if (oidText(type) !== oids.signedData) throw fail('it is no signed data')
  const [, , encapsulated, ...rest] = partsOf(partsOf(wrapped, contextTag(0))[0])
  const [contentType, content] = partsOf(encapsulated)
  if (oidText(contentType) !== oids.timestamp) throw fail('it is none of a time')
  const signers = partsOf(rest.at(-1), tag.set)
  const [signerInfo] = signers
  if (!signerInfo || signers.length > 1) throw fail('it has not one signer')
  const certificates = rest.find((it) => it.tag === contextTag(0))
  return {
    content: required(partsOf(content, contextTag(0))[0], tag.octetString).content,
    certificates: certificates
      ? derValues(certificates.content)
          .slice(0, maxChain)
          .map(({ raw }) => certificateOf(raw))
      : [],
    signerInfo,
  }
}

function certificateOf(raw: Buffer): X509Certificate {
  try {
    return new X509Certificate(raw)
  } catch {
    throw fail('a certificate of it cannot be read')
  }
}

/** By issuer and serial number. */
function isNamed(certificate: X509Certificate, id: DerValue | undefined): boolean {
  const [issuer, serial] = partsOf(id)
  const fields = certificateFields(certificate)
  return required(issuer).raw.equals(fields.issuer) && required(serial).raw.equals(fields.serial)
}

function attributesIn(attributes: DerValue | undefined): ReadonlyMap<string, DerValue> {
  const list = partsOf(attributes, contextTag(0)).map((it) => {
    const [type, values] = partsOf(it)
    return [oidText(type), required(partsOf(values, tag.set)[0])] as const
  })
  return new Map(list)
}

function checkAttributes(
  attributes: ReadonlyMap<string, DerValue>,
  {
    content,
    hash,
    signer,
  }: { readonly content: Buffer; readonly hash: string | undefined; readonly signer: X509Certificate },
): void {
  if (hash === undefined || hash === 'sha1') throw fail('its hash is not supported')
  const type = attributes.get(oids.contentType)
  const digest = attributes.get(oids.messageDigest)
  const isOfContent =
    type !== undefined &&
    oidText(type) === oids.timestamp &&
    digest?.content.equals(createHash(hash).update(content).digest()) === true
  if (!isOfContent) throw fail('its signature is for something else')
  const current = attributes.get(oids.signingCertificateV2)
  const old = attributes.get(oids.signingCertificate)
  const [id] = partsOf(partsOf(current ?? old)[0])
  const [first, second] = partsOf(id)
  // The current form may begin with the hash's name, which is SHA-256 without.
  const isNamedHash = first?.tag === tag.sequence
  const name = current ? (isNamedHash ? digestName(first) : 'sha256') : 'sha1'
  const known = (isNamedHash ? second : first)?.content
  if (name === undefined || known?.equals(createHash(name).update(signer.raw).digest()) !== true) {
    throw fail('it is by another certificate than it says')
  }
}

type TimeInformation = { readonly time: number; readonly accuracyMs: number }

function informationIn(content: Buffer, signature: Uint8Array): TimeInformation {
  const [, , imprint, , time, ...rest] = partsOf(derValue(content))
  const [algorithm, digest] = partsOf(imprint)
  const hash = digestName(algorithm)
  const isOfSignature =
    hash !== undefined &&
    hash !== 'sha1' &&
    required(digest, tag.octetString).content.equals(createHash(hash).update(signature).digest())
  if (!isOfSignature) throw fail('it is for another signature')
  const accuracy = rest[0]?.tag === tag.sequence ? partsOf(rest[0]) : []
  const numberOf = (kind: number): number => {
    const octets = accuracy.find((it) => it.tag === kind)?.content
    return octets && octets.length > 0 && octets.length <= 4 ? octets.readUIntBE(0, octets.length) : 0
  }
  const accuracyMs = numberOf(tag.integer) * 1000 + numberOf(0x80) + numberOf(0x81) / 1000
  return { time: timeOf(time), accuracyMs }
}

type Surroundings = {
  readonly certificates: readonly X509Certificate[]
  readonly trusted: readonly X509Certificate[]
  readonly time: number
}

function chainTo(signer: X509Certificate, { certificates, trusted, time }: Surroundings): X509Certificate[] {
  const usage = certificateFields(signer).extensions.find(({ oid }) => oid === oids.extendedKeyUsage)
  const isForTime =
    usage?.isCritical === true && signer.keyUsage?.length === 1 && signer.keyUsage[0] === oids.timeStamping
  if (!isForTime) throw fail('its certificate is not for timestamps')
  const chain = [signer]
  for (let last = signer; !trusted.some((it) => it.raw.equals(last.raw)); ) {
    const issuer = [...trusted, ...certificates].find(
      (it) => it.ca && last.checkIssued(it) && last.verify(it.publicKey) && !it.raw.equals(last.raw),
    )
    if (!issuer || chain.length >= maxChain) throw fail('it is not by a trusted authority')
    chain.push(issuer)
    last = issuer
  }
  const isExpired = chain.some((it) => time < Date.parse(it.validFrom) || time > Date.parse(it.validTo))
  if (isExpired) throw fail('a certificate of its authority was not valid')
  return chain
}

function fail(why: string): SignatureError {
  return new SignatureError(`failed to verify the timestamp countersignature: ${why}`)
}
