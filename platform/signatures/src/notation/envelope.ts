import { SignatureError } from '../signature-error.ts'

/** Which of the Notary Project's two schemes a signature is of: who vouches for its time. */
export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority'

/** What a signature says of itself. Times in milliseconds since the epoch. */
export type SignatureEnvelope = {
  /** `PS256`, `ES384` and so on. */
  readonly algorithm: string
  readonly scheme: SigningScheme
  /** Of the authority where the scheme has one. */
  readonly authenticSigningTime?: number
  readonly expiry?: number
  readonly payload: Uint8Array
  /** What the signature is over. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  /** A token of a timestamp authority over the signature. */
  readonly timestamp?: Uint8Array
  /** DER, that of the signer first. */
  readonly certificates: readonly Uint8Array[]
}

export const payloadType = 'application/vnd.cncf.notary.payload.v1+json'
export const headers = {
  scheme: 'io.cncf.notary.signingScheme',
  expiry: 'io.cncf.notary.expiry',
  authenticTime: 'io.cncf.notary.authenticSigningTime',
} as const

/** Where a timestamp stands, which needs no protection of its own. */
export const timestampHeader = 'io.cncf.notary.timestampSignature'

export const maxCertificates = 20

/** What is critical must be understood. @throws {SignatureError} */
export function checkCritical(critical: readonly unknown[], has: (name: string) => boolean): void {
  const known: readonly unknown[] = Object.values(headers)
  const unknown = critical.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new SignatureError(`the critical header ${JSON.stringify(unknown)} is not understood`)
  }
  if (!critical.includes(headers.scheme)) {
    throw new SignatureError('the signing scheme is not marked as critical')
  }
  // A header that must be heeded is worth nothing when it need not be protected.
  const missing = [headers.expiry, headers.authenticTime].find(
    (name) => has(name) && !critical.includes(name),
  )
  if (missing !== undefined) throw new SignatureError(`the header '${missing}' is not marked as critical`)
}

export function schemeOf(value: unknown): SigningScheme {
  if (value === 'notary.x509' || value === 'notary.x509.signingAuthority') return value
  throw new SignatureError('the signing scheme is unknown')
}
