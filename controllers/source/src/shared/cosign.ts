import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Secret } from '@sluice/access'
import { OciError, type OciManifest, type OciRepositoryClient } from '@sluice/oci'

/** The annotation of a layer that holds the signature over the layer's content. */
const signatureAnnotation = 'dev.cosignproject.cosign/signature'

type CosignSignature = {
  /** The signed document. */
  readonly payload: Uint8Array
  /** Base64. */
  readonly signature: string
  /** PEM. */
  readonly publicKey: string
  /** What must have been signed. */
  readonly digest: string
}

const maxPayloadBytes = 1024 * 1024
const maxSignatures = 100

/** The public keys of a Secret: what its names ending in `.pub` hold. */
export function cosignKeysOf({ data }: Secret): readonly string[] {
  return [...data].flatMap(([name, value]) =>
    name.endsWith('.pub') ? [new TextDecoder().decode(value)] : [],
  )
}

/** Whether one of these keys has signed the manifest with this digest. */
export async function isSignedByCosign(
  client: OciRepositoryClient,
  digest: string,
  publicKeys: readonly string[],
): Promise<boolean> {
  const signatures = await pullSignatures(client, digest)
  for (const layer of signatures?.layers.slice(0, maxSignatures) ?? []) {
    const signature = layer.annotations?.[signatureAnnotation]
    if (signature === undefined) continue
    // A signature is looked at after the one before was not enough.
    const payload = await client.pullBlob(layer, maxPayloadBytes)
    if (publicKeys.some((publicKey) => isCosignSignature({ payload, signature, publicKey, digest }))) {
      return true
    }
  }
  return false
}

/** Cosign keeps signatures under a tag made of the digest that they are for. */
async function pullSignatures(client: OciRepositoryClient, digest: string): Promise<OciManifest | undefined> {
  try {
    const pulled = await client.pullManifest(`${digest.replace(':', '-')}.sig`)
    return pulled.kind === 'manifest' ? pulled.manifest : undefined
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return undefined
    throw error
  }
}

/**
 * Whether a signature of cosign is by this key and for this digest.
 *
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
function isCosignSignature({ payload, signature, publicKey, digest }: CosignSignature): boolean {
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
