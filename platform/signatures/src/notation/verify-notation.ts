import type { X509Certificate } from 'node:crypto'
import type { OciDescriptor } from '@sluice/oci'
import { SignatureError } from '../signature-error.ts'
import { manifestAt, referrersOf, type SignedArtifact } from '../signed-artifact.ts'
import type { SignatureResult } from '../verify-signature.ts'
import { readCoseEnvelope } from './cose-envelope.ts'
import type { SignatureEnvelope } from './envelope.ts'
import { readJwsEnvelope } from './jws-envelope.ts'
import { problemWithRevocation } from './revocation/check-revocation.ts'
import type { RevocationNetwork } from './revocation/status.ts'
import { type Check, isTrustedIdentity, policyFor, type TrustPolicy } from './trust-policy.ts'

export type NotationTrust = {
  /** Text of a `trustpolicy.json`. */
  readonly trustPolicy: string
  /** PEM or DER of the certificates that are trusted. */
  readonly certificates: readonly Uint8Array[]
}

const signatureType = 'application/vnd.cncf.notary.signature'
const maxEnvelopeBytes = 4 * 1024 * 1024
/** Signatures that are looked at. */
const maxSignatures = 50

/** What judging a signature works with. */
type Judging = {
  readonly policy: TrustPolicy
  readonly artifact: OciDescriptor
  readonly trusted: readonly X509Certificate[]
  readonly now: number
  /** For questions about revocation. */
  readonly network: RevocationNetwork | undefined
}

/**
 * Returns when a signature of the Notary Project satisfies the policy.
 *
 * Source: https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md
 * @throws {SignatureError}
 */
export async function verifyNotation(
  artifact: SignedArtifact,
  { trustPolicy, certificates }: NotationTrust,
  { now, network }: { readonly now: number; readonly network?: RevocationNetwork | undefined },
): Promise<SignatureResult> {
  const policy = policyFor(trustPolicy, artifact.place)
  if (policy.isSkipped) return 'ignored'
  const reference = `${artifact.place}@${artifact.digest}`
  const found = await referrersOf(artifact, (it) => it.artifactType === signatureType)
  if (found.length === 0) throw new SignatureError(`no signature is associated with "${reference}"`)
  const { readCertificates } = await import('./certificate-chain.ts')
  const trusted = certificates.flatMap(readCertificates)
  const { bytes, mediaType } = await artifact.client.pullManifest(artifact.digest)
  const descriptor = { mediaType, digest: artifact.digest, size: bytes.length }
  let reason: SignatureError | undefined
  for (const referrer of found.slice(0, maxSignatures)) {
    try {
      // One after the other: the first that is good is enough.
      const envelope = await pullEnvelope(artifact, referrer)
      return await judge(envelope, { policy, artifact: descriptor, trusted, now, network })
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error
      reason = error
    }
  }
  const message = `signature verification failed for all the signatures associated with ${reference}`
  throw new SignatureError(message, { cause: reason })
}

async function pullEnvelope(
  { client }: SignedArtifact,
  { digest }: OciDescriptor,
): Promise<SignatureEnvelope> {
  const manifest = await manifestAt(client, digest)
  const [layer, ...others] = manifest?.layers ?? []
  if (!layer || others.length > 0) throw new SignatureError('a signature has one layer')
  const content = await client.pullBlob(layer, maxEnvelopeBytes)
  switch (layer.mediaType) {
    case 'application/jose+json':
      return readJwsEnvelope(content)
    case 'application/cose':
      return readCoseEnvelope(content)
    default:
      throw new SignatureError(`signature envelope format '${layer.mediaType}' is not supported`)
  }
}

async function judge(envelope: SignatureEnvelope, judging: Judging): Promise<SignatureResult> {
  const { verifiedChain } = await import('./certificate-chain.ts')
  const { policy } = judging
  // That a signature is one, and for this artifact, is not a matter of policy.
  const chain = verifiedChain(envelope)
  checkPayload(envelope.payload, judging.artifact)
  const authenticity = problemWithAuthor(chain, envelope, judging)
  // Strangers name no places to ask at.
  const asking = authenticity === undefined ? judging : { ...judging, network: undefined }
  const problems: Readonly<Record<Check, string | undefined>> = {
    authenticity,
    authenticTimestamp: await problemWithTime(chain, envelope, asking),
    expiry: problemWithExpiry(envelope, judging),
    revocation: await problemWithCertificates(chain, envelope, asking),
  }
  for (const [check, problem] of Object.entries(problems) as readonly [Check, string | undefined][]) {
    if (problem !== undefined && policy.actions[check] === 'enforce') throw new SignatureError(problem)
  }
  const isUnknown = problems.authenticity !== undefined || policy.actions.authenticity === 'skip'
  return isUnknown ? 'ignored' : 'verified'
}

function checkPayload(payload: Uint8Array, artifact: OciDescriptor): void {
  const { mediaType, digest, size } = targetIn(payload)
  const isSame = mediaType === artifact.mediaType && digest === artifact.digest && size === artifact.size
  if (!isSame) throw new SignatureError('the signature is for another artifact')
}

function targetIn(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(payload))
    const { targetArtifact } = (parsed ?? {}) as { readonly targetArtifact?: unknown }
    if (typeof targetArtifact === 'object' && targetArtifact !== null) {
      return targetArtifact as Record<string, unknown>
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new SignatureError('the signed content is malformed')
}

function problemWithAuthor(
  chain: readonly X509Certificate[],
  { scheme }: SignatureEnvelope,
  { policy, trusted }: Judging,
): string | undefined {
  const store = scheme === 'notary.x509' ? 'ca:' : 'signingAuthority:'
  const hasStore = policy.trustStores.some((it) => it.startsWith(store))
  const isTrusted = hasStore && chain.some((it) => trusted.some((known) => known.raw.equals(it.raw)))
  if (!isTrusted) return 'signature is not produced by a trusted signer'
  const [signer] = chain
  return signer && isTrustedIdentity(policy.trustedIdentities, signer)
    ? undefined
    : "signing certificate does not match the policy's trusted identities"
}

/** Who signed must have been who they were when they signed: now, where nobody bears witness of another time. */
async function problemWithTime(
  chain: readonly X509Certificate[],
  { scheme, authenticSigningTime, signature, timestamp }: SignatureEnvelope,
  { policy, trusted, now, network }: Judging,
): Promise<string | undefined> {
  if (policy.actions.authenticTimestamp === 'skip') return undefined
  const { expiredAt } = await import('./certificate-chain.ts')
  if (scheme === 'notary.x509.signingAuthority') {
    if (authenticSigningTime === undefined) return 'the signing authority names no time'
    return outOfTime(expiredAt(chain, authenticSigningTime))
  }
  const expiredNow = expiredAt(chain, now)
  const asksForTime = policy.trustStores.some((it) => it.startsWith('tsa:'))
  if (!asksForTime || (policy.verifyTimestamp === 'afterCertExpiry' && !expiredNow)) {
    return outOfTime(expiredNow)
  }
  if (!timestamp) return 'no timestamp countersignature was found in the signature envelope'
  const { readTimestamp } = await import('./timestamp.ts')
  try {
    const { earliest, latest, chain: authority } = readTimestamp(timestamp, signature, trusted)
    const problem = outOfTime(expiredAt(chain, earliest) ?? expiredAt(chain, latest))
    return problem ?? (await problemWithRevocation(authority, { now, network }))
  } catch (error) {
    if (error instanceof SignatureError) return error.message
    throw error
  }
}

function outOfTime(expired: X509Certificate | undefined): string | undefined {
  return expired && `certificate "${expired.subject.replaceAll('\n', ', ')}" was not valid when it was used`
}

function problemWithExpiry({ expiry }: SignatureEnvelope, { now }: Judging): string | undefined {
  if (expiry === undefined || now < expiry) return undefined
  return `digital signature has expired on "${new Date(expiry).toUTCString()}"`
}

async function problemWithCertificates(
  chain: readonly X509Certificate[],
  { scheme, authenticSigningTime }: SignatureEnvelope,
  { policy, now, network }: Judging,
): Promise<string | undefined> {
  if (policy.actions.revocation === 'skip') return undefined
  const signedAt = scheme === 'notary.x509.signingAuthority' ? authenticSigningTime : undefined
  return problemWithRevocation(chain, { now, signedAt, network })
}
