import { readSecret } from '@sluice/access'
import { OciError } from '@sluice/oci'
import { ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, type OciRepository, reasons, sourceReasons } from '@sluice/toolkit'
import { cosignKeysOf, isSignedByCosign } from '../shared/cosign.ts'
import type { OciStep, OciWork } from './oci-work.ts'
import { clientOf } from './pull-step.ts'

const condition = conditionTypes.sourceVerified

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
  const publicKeys = cosignKeysOf(await readSecret(deps.cluster, key, run))
  const client = clientOf({ run, deps, digest, ...work })
  if (await isSignedByCosign(client, digest, publicKeys)) return
  const place = run.object.spec.url.replace(/^oci:\/\//, '')
  throw new OciError('OCI_INVALID', `no matching signatures were found for '${place}@${digest}'`)
}
