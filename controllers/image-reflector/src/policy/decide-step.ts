import { ImageError, type ImageErrorCode, parseImageName } from '@sluice/image'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { type ImageRepository, imageReflectorReasons, reasons } from '@sluice/toolkit'
import { identityRefusal } from '../shared/registry.ts'
import { type TagList, tagList } from '../tags/tag-list.ts'
import type { PolicyStep, PolicyWork } from './policy-work.ts'

const defaultRequeueDependencyMs = 30_000
const noTags = tagList([])

/** Refuses what the API server refuses as well, unless it is an older one. */
export const checkInterval: PolicyStep = ({ run }) => {
  const { digestReflectionPolicy, interval } = run.object.spec
  if (digestReflectionPolicy !== 'Always' || interval !== undefined) return Promise.resolve(undefined)
  const message = "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'"
  return Promise.resolve({ kind: 'stalled', reason: imageReflectorReasons.intervalNotConfigured, message })
}

/** The image that the repository names, and the way to log in, have to be such that something can come of them. */
export const checkRepository: PolicyStep = ({ repository, deps }) =>
  Promise.resolve(repository && refusalOf(repository, deps.objectLevelWorkloadIdentity))

function refusalOf(repository: ImageRepository, isIdentityAllowed: boolean | undefined): Outcome | undefined {
  try {
    parseImageName(repository.spec.image)
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return { kind: 'stalled', reason: imageReflectorReasons.imageUrlInvalid, message: error.message }
  }
  const refusal = identityRefusal(repository, isIdentityAllowed)
  if (refusal === undefined) return undefined
  const message = refusal.replace('spec.serviceAccountName', '$& in the ImageRepository')
  return { kind: 'stalled', reason: reasons.featureGateDisabled, message }
}

/** Chooses a tag among those that the repository's latest scan has found. */
export const decide: PolicyStep = async (work) => {
  const { run, decisions } = work
  try {
    work.tag = decisions.decide(run.object, (await readTags(work)) ?? noTags)
    return undefined
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return refused(error, work)
  }
}

async function readTags({ repository, deps }: PolicyWork): Promise<TagList | undefined> {
  const { canonicalImageName = '' } = repository?.status ?? {}
  try {
    return await deps.tags.get(canonicalImageName)
  } catch (cause) {
    const message = 'failed to read tags from database'
    throw new ReconcileFailure(imageReflectorReasons.failure, message, { cause })
  }
}

/** What no other tag would mend. */
const stallReasons: Partial<Record<ImageErrorCode, string>> = {
  IMAGE_POLICY_INVALID: imageReflectorReasons.invalidPolicy,
  IMAGE_FILTER_INVALID: imageReflectorReasons.invalidPolicy,
}

function refused({ code, message }: ImageError, { deps }: PolicyWork): Outcome {
  const reason = stallReasons[code]
  if (reason !== undefined) return { kind: 'stalled', reason, message }
  if (code === 'IMAGE_NOT_SCANNED') {
    throw notScanned(message, deps.requeueDependencyMs ?? defaultRequeueDependencyMs)
  }
  throw new ReconcileFailure(imageReflectorReasons.failure, message)
}

function notScanned(message: string, retryAfterMs: number): ReconcileFailure {
  const seconds = Math.round(retryAfterMs / 1000)
  return new ReconcileFailure(reasons.dependencyNotReady, `retrying in ${seconds}s error: ${message}`, {
    retryAfterMs,
  })
}
