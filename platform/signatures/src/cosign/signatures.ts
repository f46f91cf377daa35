import type { OciDescriptor } from '@sluice/oci'
import { SignatureError } from '../signature-error.ts'
import { manifestAt, referrersOf, type SignedArtifact } from '../signed-artifact.ts'

/** A signature over a document that names the artifact, as cosign has kept them up to its version 2. */
export type PayloadSignature = {
  readonly payload: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

type Payload = { readonly critical?: { readonly image?: Readonly<Record<string, unknown>> } }
type Statement = { readonly subject?: unknown; readonly predicateType?: unknown }
type Subject = { readonly digest?: Readonly<Record<string, unknown>> }

const signType = 'https://sigstore.dev/cosign/sign/v1'
/** Characters of what a foreign document says that messages tell. */
const maxClaim = 160
const maxPayloadBytes = 1024 * 1024
const maxBundleBytes = 4 * 1024 * 1024
/** Signatures that are looked at. */
const maxSignatures = 100
const bundleType = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v[\d.]+)?\+json/

/** Cosign keeps signatures under a tag made of the digest that they are for, a layer each. */
export async function* payloadSignatures({
  client,
  digest,
}: SignedArtifact): AsyncGenerator<PayloadSignature> {
  const manifest = await manifestAt(client, `${digest.replace(':', '-')}.sig`)
  for (const layer of manifest?.layers.slice(0, maxSignatures) ?? []) {
    const { annotations } = layer
    // A signature is looked at after the one before was not enough.
    if (annotations) yield { payload: await client.pullBlob(layer, maxPayloadBytes), annotations }
  }
}

/** Since version 3 signatures are bundles that refer to the artifact. */
export async function* bundles(artifact: SignedArtifact): AsyncGenerator<object> {
  const { client } = artifact
  const found = await referrersOf(artifact, (it) => bundleType.test(it.artifactType ?? ''))
  for (const referrer of found.slice(0, maxSignatures)) {
    const manifest = await manifestAt(client, referrer.digest)
    const layer = manifest?.layers.find(isBundle)
    if (layer) yield parseObject(await client.pullBlob(layer, maxBundleBytes))
  }
}

function isBundle({ mediaType }: OciDescriptor): boolean {
  return bundleType.test(mediaType)
}

function parseObject(content: Uint8Array): object {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(content))
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new SignatureError('a signature is no JSON object')
}

/**
 * Whether a signed document is for this digest.
 *
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function isPayloadFor(payload: Uint8Array, digest: string): boolean {
  const { critical } = readJson(payload) as Payload
  return critical?.image?.['docker-manifest-digest'] === digest
}

/** Whether a statement of in-toto is that somebody has signed the artifact with this digest. */
export function isStatementFor(payload: Uint8Array, digest: string): boolean {
  const { subject, predicateType } = readJson(payload) as Statement
  const [algorithm = '', hex = ''] = digest.split(':')
  const subjects = (Array.isArray(subject) ? subject : []) as readonly Subject[]
  return predicateType === signType && subjects.some((it) => it?.digest?.[algorithm] === hex)
}

function readJson(content: Uint8Array): object {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(content))
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/**
 * None of the signatures was enough, if there were any.
 *
 * Source: sigstore/cosign pkg/cosign, whose messages these are.
 */
export function noMatch(reasons: readonly string[]): SignatureError {
  const message =
    reasons.length === 0 ? 'no signatures found' : `no matching signatures: ${reasons.join('\n ')}`
  return new SignatureError(message)
}

/** Why a signature over a document that does not name the artifact is not enough. */
export function otherClaim(payload: Uint8Array): string {
  const { critical } = readJson(payload) as Payload
  return badClaim(critical?.image?.['docker-manifest-digest'])
}

/** Why a statement that somebody has signed another artifact is not enough; nothing when it is of another kind. */
export function otherSubject(statement: Uint8Array): string | undefined {
  const { subject, predicateType } = readJson(statement) as Statement
  if (predicateType !== signType) return undefined
  const [first] = Array.isArray(subject) ? (subject as Subject[]) : []
  const [name = '', value] = Object.entries(first?.digest ?? {})[0] ?? []
  return badClaim(typeof value === 'string' ? `${name}:${value}` : undefined)
}

/** @param claim what the signed document says: anybody may have written it. */
function badClaim(claim: unknown): string {
  return `invalid or missing digest in claim: ${typeof claim === 'string' ? claim.slice(0, maxClaim) : ''}`
}
