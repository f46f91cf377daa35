import type { X509Certificate } from 'node:crypto'
import type { OciDescriptor } from '@sluice/oci'
import { SignatureError } from '../signature-error.ts'
import { manifestAt, referrersOf, type SignedArtifact } from '../signed-artifact.ts'
import type { SignatureResult } from '../verify-signature.ts'
import { readCoseEnvelope } from './cose-envelope.ts'
import type { SignatureEnvelope } from './envelope.ts'
import { readJwsEnvelope } from './jws-envelope.ts'
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
  { now }: { readonly now: number },
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
      return await judge(envelope, { policy, artifact: descriptor, trusted, now })
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
  const problems: Readonly<Record<Check, string | undefined>> = {
    authenticity: problemWithAuthor(chain, envelope, judging),
    authenticTimestamp: await problemWithTime(chain, envelope, judging),
    expiry: problemWithExpiry(envelope, judging),
    revocation: await problemWithRevocation(chain),
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
  { scheme, authenticSigningTime }: SignatureEnvelope,
  { now }: Judging,
): Promise<string | undefined> {
  const { expiredAt } = await import('./certificate-chain.ts')
  if (scheme === 'notary.x509.signingAuthority' && authenticSigningTime === undefined) {
    return 'the signing authority names no time'
  }
  const expired = expiredAt(chain, authenticSigningTime ?? now)
  if (!expired) return undefined
  return `certificate "${expired.subject.replaceAll('\n', ', ')}" was not valid when it was used`
}

function problemWithExpiry({ expiry }: SignatureEnvelope, { now }: Judging): string | undefined {
  if (expiry === undefined || now < expiry) return undefined
  return `digital signature has expired on "${new Date(expiry).toUTCString()}"`
}

/** Certificates that say where to ask about them cannot be asked about: nothing here goes to such places. */
async function problemWithRevocation(chain: readonly X509Certificate[]): Promise<string | undefined> {
  const { namesRevocationService } = await import('./certificate-chain.ts')
  const asking = chain.find(namesRevocationService)
  if (!asking) return undefined
  return `the revocation of certificate "${asking.subject.replaceAll('\n', ', ')}" cannot be checked`
}
