import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { SignatureError } from '../signature-error.ts'

/**
 * Checks a bundle and says who signed.
 *
 * @param content what the signature is over, where the bundle does not hold it.
 * @throws {SignatureError}
 */
export type SigstoreVerifier = (
  bundle: object,
  content?: Uint8Array,
) => { readonly issuer: string; readonly subject: string }

/**
 * A verifier that believes the authorities and logs of `trustedRoot`: for each kind of witness that the root has, one must
 * have seen the signature.
 *
 * @throws {SignatureError} when the root cannot be read.
 */
export function sigstoreVerifier(trustedRoot: string): SigstoreVerifier {
  const root = readRoot(trustedRoot)
  const verifier = new Verifier(toTrustMaterial(root), {
    ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
    tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  })
  return (bundle, content) => {
    try {
      const entity = toSignedEntity(bundleFromJSON(bundle), content && Buffer.from(content))
      // A key without a certificate says nothing of who signed.
      if (entity.key.$case !== 'certificate') throw new SignatureError('the signature has no certificate')
      const { identity } = verifier.verify(entity)
      const issuer = identity?.extensions?.issuer
      const subject = identity?.subjectAlternativeName
      if (issuer === undefined || subject === undefined) {
        throw new SignatureError('the certificate names no identity')
      }
      return { issuer, subject }
    } catch (cause) {
      if (cause instanceof SignatureError) throw cause
      // Whatever a malformed signature leads to, it is no signature.
      throw new SignatureError(`the signature cannot be verified: ${(cause as Error).message}`)
    }
  }
}

function readRoot(text: string): TrustedRoot {
  try {
    return TrustedRoot.fromJSON(JSON.parse(text))
  } catch {
    throw new SignatureError('the trusted root cannot be read')
  }
}
