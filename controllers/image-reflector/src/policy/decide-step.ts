import { MissingError } from '@sluice/cluster'
import { ImageError, type ImageErrorCode, parseImageName } from '@sluice/image'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { imageReflectorReasons, reasons } from '@sluice/toolkit'
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

/** Chooses a tag among those that the repository's latest scan has found. */
export const decide: PolicyStep = async (work) => {
  const { run, decisions, repository } = work
  try {
    if (repository) parseImageName(repository.spec.image)
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
  IMAGE_REFERENCE_INVALID: imageReflectorReasons.imageUrlInvalid,
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

/** The first scan may be under way, so that this is what a new policy begins with. */
function notScanned(message: string, retryAfterMs: number): ReconcileFailure {
  const cause = new MissingError(message)
  const seconds = Math.round(retryAfterMs / 1000)
  return new ReconcileFailure(reasons.dependencyNotReady, `retrying in ${seconds}s error`, {
    cause,
    retryAfterMs,
  })
}
