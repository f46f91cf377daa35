import type { X509Certificate } from 'node:crypto'
import { certificateFields, revocationListUrls, statusServiceUrls } from '../x509/certificate-fields.ts'
import { askStatusService } from './ocsp.ts'
import { lookUpInList } from './revocation-list.ts'
import type { RevocationNetwork, RevocationQuestion, RevocationStatus } from './status.ts'

/** Places that are asked about one certificate. */
const maxPlaces = 3

export type ChainQuestion = Pick<RevocationQuestion, 'now' | 'signedAt'> & {
  /** Without it, certificates that are to be asked about are not known to be good. */
  readonly network: RevocationNetwork | undefined
}

/**
 * What is wrong with the worst certificate of a chain; nothing when all are good, or none says where to ask. A service is
 * asked first, lists count where it gives no answer; the root vouches for itself.
 *
 * Source: notaryproject/notation-core-go revocation.
 * @param chain that of the signer first, the root last.
 */
export async function problemWithRevocation(
  chain: readonly X509Certificate[],
  { network, ...question }: ChainQuestion,
): Promise<string | undefined> {
  const statuses = await Promise.all(
    chain.slice(0, -1).map((certificate, index) => {
      const issuer = chain[index + 1] ?? certificate
      return statusOf(certificate, issuer, { ...question, network })
    }),
  )
  const worst = statuses.includes('revoked') ? 'revoked' : 'unknown'
  const subject = nameOf(chain[statuses.indexOf(worst)])
  if (subject === undefined) return undefined
  return worst === 'revoked'
    ? `signing certificate with subject "${subject}" is revoked`
    : `signing certificate with subject "${subject}" revocation status is unknown`
}

async function statusOf(
  certificate: X509Certificate,
  issuer: X509Certificate,
  { network, ...times }: ChainQuestion,
): Promise<RevocationStatus> {
  const services = statusServiceUrls(certificate).slice(0, maxPlaces)
  const lists = revocationListUrls(certificateFields(certificate)).slice(0, maxPlaces)
  if (services.length === 0 && lists.length === 0) return 'good'
  if (!network) return 'unknown'
  const question = { ...times, certificate, issuer, network }
  for (const url of services) {
    // The next one is asked when this one does not know.
    const status = await askStatusService(url, question)
    if (status !== 'unknown') return status
  }
  for (const url of lists) {
    const status = await lookUpInList(url, question)
    if (status !== 'unknown') return status
  }
  return 'unknown'
}

/** Parts of a subject in the order in which Go prints them, whatever their own. Source: Go crypto/x509/pkix, Name. */
const nameParts = ['serialNumber', 'CN', 'postalCode', 'street', 'ST', 'L', 'OU', 'O', 'C']

function nameOf(certificate: X509Certificate | undefined): string | undefined {
  return certificate?.subject
    .split('\n')
    .toSorted((a, b) => rank(a) - rank(b))
    .join(',')
}

function rank(part: string): number {
  return nameParts.indexOf(part.slice(0, part.indexOf('=')))
}
