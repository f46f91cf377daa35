import { ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { SignatureError, type SignatureResult, verifySignature } from '@sluice/signatures'
import { conditionTypes, type OciVerification, reasons, sourceReasons } from '@sluice/toolkit'
import { checkName, signatureCheckOf } from '../shared/signature-check.ts'
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
  if ((await verify(work, spec.verify)) === 'verified') {
    run.conditions.markTrue(condition, reasons.succeeded, `verified signature of revision ${revision}`)
  } else {
    // The policy asks for nothing that could be said to be verified.
    run.conditions.remove(condition)
  }
  return undefined
}

async function verify(work: OciWork, verification: OciVerification): Promise<SignatureResult> {
  const { run, deps, digest } = work
  const { namespace } = run.key
  const place = run.object.spec.url.replace(/^oci:\/\//, '')
  try {
    const subject = `${place}@${digest}`
    const check = await signatureCheckOf(deps.cluster, verification, {
      namespace,
      subject,
      signal: run.signal,
    })
    const network = { http: deps.http, signal: run.signal }
    const options = { now: run.startedAt, network }
    try {
      return await verifySignature({ client: clientOf(work), place, digest }, check, options)
    } catch (error) {
      // Of several keys each has its own reason: none is told.
      if (check.kind !== 'cosign' || !(error instanceof SignatureError)) throw error
      throw new SignatureError(`no matching signatures were found for '${subject}'`)
    }
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new ReconcileFailure(
      sourceReasons.verificationError,
      `failed to verify the signature using provider '${checkName(verification)}'`,
      { condition, cause },
    )
  }
}
