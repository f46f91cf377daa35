/**
 * Signatures of artifacts in registries: cosign's, by keys or by identities, and those of the Notary Project.
 *
 * @example
 * const artifact = { client, place: 'ghcr.io/team/app', digest }
 * await verifySignature(artifact, { kind: 'cosign', publicKeys: [pem] }, { now: Date.now() }) // 'verified', or it throws
 */
export { checkTrustPolicy } from './notation/trust-policy.ts'
export { SignatureError } from './signature-error.ts'
export {
  type OidcIdentity,
  type SignatureCheck,
  type SignatureResult,
  type SignedArtifact,
  type VerifyOptions,
  verifySignature,
} from './verify-signature.ts'
