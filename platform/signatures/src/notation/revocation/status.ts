import type { X509Certificate } from 'node:crypto'
import type { Http } from '@sluice/ports'

/** What is known of a certificate. */
export type RevocationStatus = 'good' | 'revoked' | 'unknown'

/** How certificates are asked about. */
export type RevocationNetwork = { readonly http: Http; readonly signal: AbortSignal }

/** A question about one certificate. */
export type RevocationQuestion = {
  readonly certificate: X509Certificate
  readonly issuer: X509Certificate
  /** Milliseconds since the epoch. */
  readonly now: number
  /** When the certificate was used, where that is known: what was revoked later did no harm then. */
  readonly signedAt?: number | undefined
  readonly network: RevocationNetwork
}
