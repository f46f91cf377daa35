import { verifyByKeys } from './cosign/by-keys.ts'
import { type KeylessTrust, verifyKeyless } from './cosign/keyless.ts'
import type { RevocationNetwork } from './notation/revocation/status.ts'
import { type NotationTrust, verifyNotation } from './notation/verify-notation.ts'
import type { SignedArtifact } from './signed-artifact.ts'

export type { OidcIdentity } from './cosign/keyless.ts'
export type { SignedArtifact } from './signed-artifact.ts'

/** Whose signature counts. */
export type SignatureCheck =
  /** PEM of keys, each of which will do. */
  | { readonly kind: 'cosign'; readonly publicKeys: readonly string[] }
  | ({ readonly kind: 'keyless' } & KeylessTrust)
  | ({ readonly kind: 'notation' } & NotationTrust)

/** `ignored` when the policy does not insist on what was found. */
export type SignatureResult = 'verified' | 'ignored'

export type VerifyOptions = {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Asks whether certificates were revoked. Without it, those that say where to ask are not known to be good. */
  readonly network?: RevocationNetwork
}

/** @throws {SignatureError | OciError} when there is no signature that counts. */
export async function verifySignature(
  artifact: SignedArtifact,
  check: SignatureCheck,
  options: VerifyOptions,
): Promise<SignatureResult> {
  switch (check.kind) {
    case 'cosign':
      await verifyByKeys(artifact, check.publicKeys)
      return 'verified'
    case 'keyless':
      await verifyKeyless(artifact, check)
      return 'verified'
    case 'notation':
      return verifyNotation(artifact, check, options)
  }
}
