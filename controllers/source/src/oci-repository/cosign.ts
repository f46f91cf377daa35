import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** The annotation of a layer that holds the signature over the layer's content. */
export const cosignAnnotation = 'dev.cosignproject.cosign/signature'

export type CosignSignature = {
  /** The signed document. */
  readonly payload: Uint8Array
  /** Base64. */
  readonly signature: string
  /** PEM. */
  readonly publicKey: string
  /** What must have been signed. */
  readonly digest: string
}

/**
 * Whether a signature of cosign is by this key and for this digest.
 *
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function isCosignSignature({ payload, signature, publicKey, digest }: CosignSignature): boolean {
  const key = readKey(publicKey)
  if (!key || !isFor(payload, digest)) return false
  const bytes = Buffer.from(signature, 'base64')
  const algorithm = key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256'
  return verify(algorithm, payload, key, bytes)
}

function readKey(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey(publicKey)
  } catch {
    // What is no key verifies nothing.
    return undefined
  }
}

function isFor(payload: Uint8Array, digest: string): boolean {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(payload))
    const { critical } = (document ?? {}) as {
      readonly critical?: { readonly image?: Readonly<Record<string, unknown>>; readonly type?: unknown }
    }
    return critical?.image?.['docker-manifest-digest'] === digest
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
