import { ImageError, type ImagePolicyChoice, selectTag, type TagFilter } from '@sluice/image'
import type { GoCase, GoOutcome } from './go-case.ts'

const whileRunning: ReadonlySet<string> = new Set(['IMAGE_NOT_SCANNED', 'IMAGE_NO_TAG'])

/** Kind `image-policy`: the tag that an ImagePolicy chooses. */
export function runImagePolicy(input: GoCase): GoOutcome {
  const filter = input['filterTags'] as TagFilter | undefined
  try {
    return { out: selectTag(input['policy'] as ImagePolicyChoice, input['tags'] as string[], filter) }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return { error: error.message, stage: whileRunning.has(error.code) ? 'exec' : 'parse' }
  }
}
