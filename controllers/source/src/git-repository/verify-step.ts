import { readSecret } from '@sluice/access'
import { type Commit, type Tag, type TrustedKeys, verifyGitObject } from '@sluice/git'
import type { Outcome } from '@sluice/runtime'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, type GitRepository, reasons, sourceReasons } from '@sluice/toolkit'
import type { GitStep, GitWork } from './git-work.ts'

const condition = conditionTypes.sourceVerified
const { invalidVerificationMode, invalidGitObject, invalidTagSignature, invalidCommitSignature } =
  sourceReasons

/** Verifies the signatures that `spec.verify` asks for. */
export const verifySignatures: GitStep = async (work) => {
  const { run, checkout } = work
  const mode = modeOf(run.object)
  if (mode === undefined || !checkout) {
    run.status.sourceVerificationMode = undefined
    run.conditions.remove(condition)
    return undefined
  }
  const keys = await readKeys(work)
  const verified: string[] = []
  if (mode !== 'HEAD') {
    const { tag } = checkout
    if (!tag) return stall(work)
    verified.push(await verifyTag(work, keys, tag))
  }
  if (mode !== 'Tag') verified.push(await verifyCommit(work, keys, checkout.commit))
  const message = `verified signature of\n${verified.join('\n')}`
  run.status.sourceVerificationMode = mode
  run.conditions.markTrue(condition, reasons.succeeded, message)
  run.event({ type: 'Trace', reason: reasons.succeeded, message })
  return undefined
}

/** Whether the stored artifact has not yet been verified as the object now asks. */
export function needsVerification(object: GitRepository): boolean {
  const mode = modeOf(object)
  if (mode === undefined) return false
  const observed = object.status?.sourceVerificationMode
  return observed === undefined || (observed !== mode && observed !== 'TagAndHEAD')
}

type Mode = 'HEAD' | 'Tag' | 'TagAndHEAD'

function modeOf({ spec }: GitRepository): Mode | undefined {
  if (!spec.verify) return undefined
  const { mode } = spec.verify
  return mode === 'Tag' || mode === 'TagAndHEAD' ? mode : 'HEAD'
}

async function readKeys({ run, deps }: GitWork): Promise<TrustedKeys> {
  const name = run.object.spec.verify?.secretRef?.name ?? ''
  try {
    const { data } = await readSecret(deps.cluster, { namespace: run.key.namespace, name }, run)
    const texts = [...data].map(([key, value]) => [key, new TextDecoder().decode(value)] as const)
    return {
      // Keys with any other suffix count as OpenPGP keys, as they always have.
      keyRings: texts.filter(([key]) => !key.endsWith('.sshpub')).map(([, text]) => text),
      authorizedKeys: texts.filter(([key]) => key.endsWith('.sshpub')).map(([, text]) => text),
    }
  } catch (error) {
    // The message begins with what the API server said.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new ReconcileFailure(sourceReasons.verificationError, 'public keys secret error', {
      condition,
      cause,
    })
  }
}

function stall({ run }: GitWork): Outcome {
  const reason = invalidVerificationMode
  const message = "cannot verify tag object's signature if a tag reference is not specified"
  run.conditions.markFalse(condition, reason, message)
  return { kind: 'stalled', reason, message }
}

async function verifyTag(
  { run }: GitWork,
  keys: TrustedKeys,
  tag: Tag | { readonly name: string },
): Promise<string> {
  const isSigned = 'signature' in tag && tag.signature !== undefined
  const name = 'id' in tag ? `${tag.name}@${tag.id}` : tag.name
  if (!isSigned) {
    throw new ReconcileFailure(
      invalidGitObject,
      `cannot verify signature of tag '${name}' since it is not signed`,
      { condition },
    )
  }
  try {
    const key = await verifyGitObject(tag, keys, { now: run.startedAt })
    return `\t- tag '${name}' with key '${key}'`
  } catch (cause) {
    throw new ReconcileFailure(invalidTagSignature, `signature verification of tag '${name}' failed`, {
      condition,
      cause,
    })
  }
}

async function verifyCommit({ run }: GitWork, keys: TrustedKeys, commit: Commit): Promise<string> {
  try {
    const key = await verifyGitObject(commit, keys, { now: run.startedAt })
    return `\t- commit '${commit.id}' with key '${key}'`
  } catch (cause) {
    throw new ReconcileFailure(
      invalidCommitSignature,
      `signature verification of commit '${commit.id}' failed`,
      { condition, cause },
    )
  }
}
