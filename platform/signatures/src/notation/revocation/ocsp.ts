import { createHash, X509Certificate } from 'node:crypto'
import { SignatureError } from '../../signature-error.ts'
import { certificateFields } from '../x509/certificate-fields.ts'
import {
  bitsOf,
  contextTag,
  type DerValue,
  der,
  derValue,
  oidText,
  partsOf,
  required,
  tag,
  timeOf,
} from '../x509/der.ts'
import { isSignedBy } from '../x509/signed-data.ts'
import { ask } from './ask.ts'
import type { RevocationQuestion, RevocationStatus } from './status.ts'

const oids = {
  sha256: Buffer.from('0609608648016503040201', 'hex'),
  basicResponse: '1.3.6.1.5.5.7.48.1.1',
  statusSigning: '1.3.6.1.5.5.7.3.9',
} as const
const timeoutMs = 2_000
const maxBytes = 64 * 1024
/** What fits into an address is asked with GET, which caches may answer. */
const maxGetLength = 255

/**
 * Asks a service about a certificate.
 *
 * Source: RFC 6960; notaryproject/notation-core-go revocation/ocsp.
 */
export async function askStatusService(url: string, question: RevocationQuestion): Promise<RevocationStatus> {
  const { certificate, issuer, network } = question
  const id = certificateId(certificate, issuer)
  const request = der(tag.sequence, der(tag.sequence, der(tag.sequence, der(tag.sequence, id))))
  const bounds = { maxBodyBytes: maxBytes, timeoutMs }
  const address = `${url.replace(/\/$/, '')}/${encodeURIComponent(request.toString('base64'))}`
  const answer = await ask(
    address.length < maxGetLength
      ? { ...bounds, method: 'GET', url: address, headers: { accept: 'application/ocsp-response' } }
      : {
          ...bounds,
          method: 'POST',
          url,
          headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
          body: request,
        },
    network,
  )
  if (!answer) return 'unknown'
  try {
    return statusIn(answer, id, question)
  } catch (error) {
    if (error instanceof SignatureError) return 'unknown'
    throw error
  }
}

function certificateId(certificate: X509Certificate, issuer: X509Certificate): Buffer {
  const { serial } = certificateFields(certificate)
  const { subject, publicKey } = certificateFields(issuer)
  return der(
    tag.sequence,
    der(tag.sequence, oids.sha256, der(tag.null)),
    der(tag.octetString, sha256(subject)),
    der(tag.octetString, sha256(publicKey)),
    serial,
  )
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function statusIn(answer: Uint8Array, id: Buffer, question: RevocationQuestion): RevocationStatus {
  const [status, bytes] = partsOf(derValue(answer))
  if (required(status, tag.enumerated).content[0] !== 0) return 'unknown'
  const [type, octets] = partsOf(partsOf(bytes, contextTag(0))[0])
  if (oidText(type) !== oids.basicResponse) return 'unknown'
  const [data, algorithm, signature, certificates] = partsOf(
    derValue(required(octets, tag.octetString).content),
  )
  const signed = { content: required(data).raw, algorithm, signature: bitsOf(signature) }
  const responders = [question.issuer, ...delegatesIn(certificates, question)]
  if (!responders.some((it) => isSignedBy(signed, it.publicKey))) return 'unknown'
  const responses = partsOf(data).findLast((it) => it.tag === tag.sequence)
  const single = partsOf(responses)
    .map((it) => partsOf(it))
    .find(([its]) => isSameId(its, id))
  return single ? statusOf(single, question) : 'unknown'
}

/** Those that the issuer lets speak for it. */
function delegatesIn(
  certificates: DerValue | undefined,
  { issuer, now }: RevocationQuestion,
): readonly X509Certificate[] {
  if (certificates?.tag !== contextTag(0)) return []
  const list = partsOf(partsOf(certificates, contextTag(0))[0] ?? certificates, tag.sequence)
  return list
    .map(({ raw }) => new X509Certificate(raw))
    .filter((it) => {
      const isValid = now >= Date.parse(it.validFrom) && now <= Date.parse(it.validTo)
      const isAllowed = it.keyUsage?.includes(oids.statusSigning) ?? false
      return isValid && isAllowed && it.checkIssued(issuer) && it.verify(issuer.publicKey)
    })
}

/** The parameters of the hash may be left out. */
function isSameId(value: DerValue | undefined, id: Buffer): boolean {
  const [, ...got] = partsOf(value).map(({ raw }) => raw.toString('hex'))
  const [, ...wanted] = partsOf(derValue(id)).map(({ raw }) => raw.toString('hex'))
  return got.join(' ') === wanted.join(' ')
}

function statusOf(
  [, status, thisUpdate, next]: readonly DerValue[],
  { now, signedAt }: RevocationQuestion,
): RevocationStatus {
  const nextUpdate = next?.tag === contextTag(0) ? timeOf(partsOf(next, contextTag(0))[0]) : undefined
  if (timeOf(thisUpdate) > now || (nextUpdate !== undefined && nextUpdate < now)) return 'unknown'
  switch (status?.tag) {
    case 0x80:
      return 'good'
    case contextTag(1):
      return signedAt !== undefined && signedAt < timeOf(partsOf(status, contextTag(1))[0])
        ? 'good'
        : 'revoked'
    case undefined:
    default:
      return 'unknown'
  }
}
