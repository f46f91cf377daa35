import { OciError, type OciManifest, type OciRepositoryClient } from '@sluice/oci'
import { ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, type OciRepository, reasons, sourceReasons } from '@sluice/toolkit'
import { readSecret } from '../shared/secret.ts'
import { cosignAnnotation, isCosignSignature } from './cosign.ts'
import type { OciStep, OciWork } from './oci-work.ts'
import { clientOf } from './pull-step.ts'

const condition = conditionTypes.sourceVerified
const maxPayloadBytes = 1024 * 1024
const maxSignatures = 100

/** Verifies the artifact's signature if `spec.verify` asks for it and it has not been verified as it is. */
export const verifyArtifact: OciStep = async (work) => {
  const { run, revision } = work
  const { spec, metadata } = run.object
  if (!spec.verify) {
    run.conditions.remove(condition)
    return undefined
  }
  const verified = run.conditions.get(condition)
  const isVerified = verified?.status === 'True' && verified.observedGeneration === metadata.generation
  if (run.status.artifact?.revision === revision && isVerified) return undefined
  try {
    await verify(work, spec.verify)
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    const { provider, secretRef } = spec.verify
    const name = provider === 'cosign' && !secretRef ? `${provider} keyless` : provider
    throw new ReconcileFailure(
      sourceReasons.verificationError,
      `failed to verify the signature using provider '${name}'`,
      { condition, cause },
    )
  }
  run.conditions.markTrue(condition, reasons.succeeded, `verified signature of revision ${revision}`)
  return undefined
}

async function verify(
  { run, deps, digest, ...work }: OciWork,
  { provider, secretRef }: NonNullable<OciRepository['spec']['verify']>,
): Promise<void> {
  if (provider !== 'cosign' || !secretRef) {
    throw new OciError('OCI_INVALID', 'this way of verification is not available')
  }
  const key = { namespace: run.key.namespace, name: secretRef.name }
  const { data } = await readSecret(deps.cluster, key, run)
  const publicKeys = [...data].flatMap(([name, value]) =>
    name.endsWith('.pub') ? [new TextDecoder().decode(value)] : [],
  )
  const client = clientOf({ run, deps, digest, ...work })
  const signatures = await pullSignatures(client, digest)
  for (const layer of signatures?.layers.slice(0, maxSignatures) ?? []) {
    const signature = layer.annotations?.[cosignAnnotation]
    if (signature === undefined) continue
    // A signature is looked at after the one before was not enough.
    const payload = await client.pullBlob(layer, maxPayloadBytes)
    if (publicKeys.some((publicKey) => isCosignSignature({ payload, signature, publicKey, digest }))) return
  }
  const place = run.object.spec.url.replace(/^oci:\/\//, '')
  throw new OciError('OCI_INVALID', `no matching signatures were found for '${place}@${digest}'`)
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
