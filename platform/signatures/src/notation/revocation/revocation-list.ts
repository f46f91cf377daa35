import { SignatureError } from '../../signature-error.ts'
import { certificateFields, extensionsIn } from '../x509/certificate-fields.ts'
import { bitsOf, contextTag, type DerValue, derValue, partsOf, required, tag, timeOf } from '../x509/der.ts'
import { isSignedBy } from '../x509/signed-data.ts'
import { ask } from './ask.ts'
import type { RevocationQuestion, RevocationStatus } from './status.ts'

const timeoutMs = 5_000
const maxBytes = 32 * 1024 * 1024
/** Critical extensions of a list that are understood: which points it is for, when the whole list is at this point. */
const knownExtensions: readonly string[] = ['2.5.29.28']
/** Of an entry: its reason, and since when the key is not to be trusted. */
const reasonCode = '2.5.29.21'
const invalidityDate = '2.5.29.24'

/**
 * Looks for a certificate on a list of revoked ones.
 *
 * Source: RFC 5280, section 5; notaryproject/notation-core-go revocation/crl.
 */
export async function lookUpInList(url: string, question: RevocationQuestion): Promise<RevocationStatus> {
  const answer = await ask({ method: 'GET', url, maxBodyBytes: maxBytes, timeoutMs }, question.network)
  if (!answer) return 'unknown'
  try {
    return statusIn(answer, question)
  } catch (error) {
    if (error instanceof SignatureError) return 'unknown'
    throw error
  }
}

function statusIn(answer: Uint8Array, question: RevocationQuestion): RevocationStatus {
  const { certificate, issuer, now } = question
  const [list, algorithm, signature] = partsOf(derValue(answer))
  const signed = { content: required(list).raw, algorithm, signature: bitsOf(signature) }
  if (!isSignedBy(signed, issuer.publicKey)) return 'unknown'
  const parts = partsOf(list)
  const [, name, thisUpdate, next, ...rest] = parts.slice(parts[0]?.tag === tag.integer ? 1 : 0)
  const { serial, issuer: wanted } = certificateFields(certificate)
  if (!required(name).raw.equals(wanted)) return 'unknown'
  const hasNext = next?.tag === tag.utcTime || next?.tag === tag.generalizedTime
  if (timeOf(thisUpdate) > now || !hasNext || timeOf(next) < now) return 'unknown'
  const extensions = rest.find((it) => it.tag === contextTag(0))
  const isUnderstood =
    !extensions ||
    extensionsIn(derValue(extensions.content)).every(
      ({ oid, isCritical }) => !isCritical || knownExtensions.includes(oid),
    )
  if (!isUnderstood) return 'unknown'
  const revoked = rest.find((it) => it.tag === tag.sequence)
  const entry = revoked && partsOf(revoked).find((it) => partsOf(it)[0]?.raw.equals(serial))
  return entry ? statusOfEntry(entry, question) : 'good'
}

function statusOfEntry(entry: DerValue, { signedAt }: RevocationQuestion): RevocationStatus {
  const [, , list] = partsOf(entry)
  const extensions = list ? extensionsIn(list) : []
  const unknown = extensions.find(
    ({ oid, isCritical }) => isCritical && oid !== reasonCode && oid !== invalidityDate,
  )
  if (unknown) return 'unknown'
  const since = extensions.find(({ oid }) => oid === invalidityDate)
  const isLater =
    since !== undefined &&
    signedAt !== undefined &&
    signedAt < timeOf(derValue(since.value, tag.generalizedTime))
  return isLater ? 'good' : 'revoked'
}
