import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { SignedArtifact } from '../signed-artifact.ts'
import {
  bundles,
  isPayloadFor,
  isStatementFor,
  noMatch,
  otherClaim,
  otherSubject,
  payloadSignatures,
} from './signatures.ts'

/** The annotation of a layer that holds the signature over the layer's content. */
export const signatureAnnotation = 'dev.cosignproject.cosign/signature'

/** Returns when one of these keys has signed the artifact. @throws {SignatureError} */
export async function verifyByKeys(artifact: SignedArtifact, publicKeys: readonly string[]): Promise<void> {
  const keys = publicKeys.flatMap(readKey)
  const isSigned = (content: Uint8Array, signature: string): boolean =>
    keys.some((key) => isSignature(content, signature, key))
  const reasons: string[] = []
  for await (const bundle of bundles(artifact)) {
    const envelope = envelopeOf(bundle)
    if (!envelope) continue
    const isBy = isSigned(envelope.signed, envelope.signature)
    if (isBy && isStatementFor(envelope.payload, artifact.digest)) return
    reasons.push((isBy ? otherSubject(envelope.payload) : undefined) ?? notBy(keys))
  }
  for await (const { payload, annotations } of payloadSignatures(artifact)) {
    const signature = annotations[signatureAnnotation]
    if (signature === undefined) continue
    const isBy = isSigned(payload, signature)
    if (isBy && isPayloadFor(payload, artifact.digest)) return
    reasons.push(isBy ? otherClaim(payload) : notBy(keys))
  }
  throw noMatch(reasons)
}

/** What Go says of a signature that is not by the first of these keys. */
function notBy([key]: readonly KeyObject[]): string {
  if (key?.asymmetricKeyType === 'rsa') return 'crypto/rsa: verification error'
  if (key?.asymmetricKeyType === 'ed25519') return 'failed to verify signature'
  return 'invalid signature when validating ASN.1 encoded signature'
}

function isSignature(content: Uint8Array, signature: string, key: KeyObject): boolean {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256'
  return verify(algorithm, content, key, Buffer.from(signature, 'base64'))
}

function readKey(publicKey: string): readonly KeyObject[] {
  try {
    return [createPublicKey(publicKey)]
  } catch {
    // What is no key verifies nothing.
    return []
  }
}

type Envelope = {
  readonly payload: Uint8Array
  /** What the signature is over. */
  readonly signed: Uint8Array
  readonly signature: string
}

/** The envelope of a bundle. Source: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
export function envelopeOf(bundle: object): Envelope | undefined {
  const { dsseEnvelope } = bundle as { readonly dsseEnvelope?: Readonly<Record<string, unknown>> }
  const { payload, payloadType, signatures } = dsseEnvelope ?? {}
  const [first] = (Array.isArray(signatures) ? signatures : []) as readonly { readonly sig?: unknown }[]
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || typeof first?.sig !== 'string') {
    return undefined
  }
  const content = Buffer.from(payload, 'base64')
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${content.length} `
  return { payload: content, signed: Buffer.concat([Buffer.from(head), content]), signature: first.sig }
}
