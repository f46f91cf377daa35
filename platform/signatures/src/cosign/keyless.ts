import { createHash } from 'node:crypto'
import { compileRegexp, RegexpError } from '@sluice/go'
import { SignatureError } from '../signature-error.ts'
import type { SignedArtifact } from '../signed-artifact.ts'
import { envelopeOf, signatureAnnotation } from './by-keys.ts'
import {
  bundles,
  isPayloadFor,
  isStatementFor,
  noMatch,
  otherClaim,
  otherSubject,
  type PayloadSignature,
  payloadSignatures,
} from './signatures.ts'
import type { SigstoreVerifier } from './sigstore.ts'

/** Who may have signed: regular expressions that match the issuer of the identity and the identity. */
export type OidcIdentity = { readonly issuer: string; readonly subject: string }

export type KeylessTrust = {
  /** Text of a `trusted_root.json`: the authorities and logs that are believed. */
  readonly trustedRoot: string
  /** Each will do; anybody when there are none. */
  readonly identities: readonly OidcIdentity[]
}

type Matcher = (signer: { readonly issuer: string; readonly subject: string }) => boolean

/**
 * Returns when one of these identities has signed the artifact with a certificate that was valid then, as an authority and a
 * log that are believed bear witness.
 *
 * @throws {SignatureError}
 */
export async function verifyKeyless(artifact: SignedArtifact, trust: KeylessTrust): Promise<void> {
  const isWanted = matcherOf(trust.identities)
  const { sigstoreVerifier } = await import('./sigstore.ts')
  const verifier = sigstoreVerifier(trust.trustedRoot)
  const reasons: string[] = []
  for await (const candidate of candidates(artifact)) {
    if ('reason' in candidate) {
      reasons.push(candidate.reason)
      continue
    }
    try {
      checkSigner(verifier, candidate, isWanted)
      return
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error
      reasons.push(error.message)
    }
  }
  throw noMatch(reasons)
}

/** A bundle, with what its signature is over where that is not in it. */
type Candidate = { readonly bundle: object; readonly content?: Uint8Array }

async function* candidates(
  artifact: SignedArtifact,
): AsyncGenerator<Candidate | { readonly reason: string }> {
  for await (const bundle of bundles(artifact)) {
    const envelope = envelopeOf(bundle)
    if (!envelope) continue
    const reason = otherSubject(envelope.payload)
    if (isStatementFor(envelope.payload, artifact.digest)) yield { bundle }
    else if (reason !== undefined) yield { reason }
  }
  for await (const signature of payloadSignatures(artifact)) {
    if (!isPayloadFor(signature.payload, artifact.digest)) {
      yield { reason: otherClaim(signature.payload) }
      continue
    }
    const bundle = bundleOf(signature)
    if (bundle) yield { bundle, content: signature.payload }
  }
}

function checkSigner(verifier: SigstoreVerifier, { bundle, content }: Candidate, isWanted: Matcher): void {
  const signer = verifier(bundle, content)
  if (isWanted(signer)) return
  const { issuer, subject } = signer
  throw new SignatureError(
    `none of the expected identities matched what was in the certificate, got subjects [${subject}] with issuer ${issuer}`,
  )
}

function matcherOf(identities: readonly OidcIdentity[]): Matcher {
  if (identities.length === 0) return () => true
  try {
    const compiled = identities.map(({ issuer, subject }) => ({
      issuer: compileRegexp(issuer),
      subject: compileRegexp(subject),
    }))
    return (signer) =>
      compiled.some(({ issuer, subject }) => issuer.test(signer.issuer) && subject.test(signer.subject))
  } catch (cause) {
    if (cause instanceof RegexpError) throw new SignatureError('malformed identity', { cause })
    throw cause
  }
}

/** A signature in its older form, as a bundle. Source: cosign's SIGNATURE_SPEC; sigstore's bundle format 0.1. */
function bundleOf({ payload, annotations }: PayloadSignature): object | undefined {
  const signature = annotations[signatureAnnotation]
  const certificate = derOf(annotations['dev.sigstore.cosign/certificate'] ?? '')
  if (signature === undefined || certificate === undefined) return undefined
  const entry = logEntryOf(annotations['dev.sigstore.cosign/bundle'])
  const timestamp = timestampOf(annotations['dev.sigstore.cosign/rfc3161timestamp'])
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: certificate }] },
      tlogEntries: entry ? [entry] : [],
      ...(timestamp === undefined
        ? {}
        : { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: timestamp }] } }),
    },
    messageSignature: {
      messageDigest: {
        algorithm: 'SHA2_256',
        digest: createHash('sha256').update(payload).digest('base64'),
      },
      signature,
    },
  }
}

function logEntryOf(text: string | undefined): object | undefined {
  const { SignedEntryTimestamp: set, Payload: payload } = jsonOf(text) as {
    readonly SignedEntryTimestamp?: unknown
    readonly Payload?: Readonly<Record<string, unknown>>
  }
  const { body, integratedTime, logIndex, logID } = payload ?? {}
  if (typeof set !== 'string' || typeof body !== 'string' || typeof logID !== 'string') return undefined
  const { kind, apiVersion } = jsonOf(Buffer.from(body, 'base64').toString()) as {
    readonly kind?: unknown
    readonly apiVersion?: unknown
  }
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: set },
    canonicalizedBody: body,
  }
}

function timestampOf(text: string | undefined): string | undefined {
  const { SignedRFC3161Timestamp: timestamp } = jsonOf(text) as { readonly SignedRFC3161Timestamp?: unknown }
  return typeof timestamp === 'string' ? timestamp : undefined
}

function jsonOf(text: string | undefined): object {
  if (text === undefined) return {}
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The first certificate of a PEM text, in base64. */
function derOf(pem: string): string | undefined {
  const body = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/.exec(pem)?.[1]
  return body?.replaceAll(/\s/g, '')
}
