import {
  compareVersions,
  compileRegexp,
  parseConstraint,
  type SemverVersion,
  tryParseFluxVersion,
} from '@sluice/go'
import { mediaTypes } from '@sluice/oci'
import { ToolkitError } from '@sluice/ports'

/** Which tags count, and how they are compared. */
export type TagSelection = {
  /** A range of versions. */
  readonly semver: string
  /** A regular expression that tags must match first. */
  readonly semverFilter?: string | undefined
  /** Of the layer that is wanted: charts have `_` in tags where their versions have `+`. */
  readonly mediaType?: string | undefined
}

/** No tag can be selected. */
export class TagSelectionError extends ToolkitError {
  override readonly name = 'TagSelectionError'

  constructor(message: string, options?: ErrorOptions) {
    super('TAG_SELECTION', message, options)
  }
}

/** The tag with the highest version within the range. @throws {TagSelectionError} */
export function selectTag(
  tags: readonly string[],
  { semver, semverFilter, mediaType }: TagSelection,
): string {
  const isChart = mediaType === mediaTypes.helmChart
  const isWanted = filterOf(semverFilter)
  const constraint = constraintOf(semver)
  let best: { readonly tag: string; readonly version: SemverVersion } | undefined
  for (const tag of tags) {
    const version = isWanted(tag) ? tryParseFluxVersion(isChart ? tag.replaceAll('_', '+') : tag) : undefined
    if (!version || !constraint.check(version)) continue
    if (!best || compareVersions(version, best.version) > 0) best = { tag, version }
  }
  if (!best) throw new TagSelectionError(`no match found for semver: ${semver}`)
  return best.tag
}

function filterOf(pattern: string | undefined): (tag: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true
  try {
    const expression = compileRegexp(pattern)
    return (tag) => expression.test(tag)
  } catch (cause) {
    throw new TagSelectionError('unable to compile regex pattern', { cause })
  }
}

function constraintOf(range: string): ReturnType<typeof parseConstraint> {
  try {
    return parseConstraint(range)
  } catch (cause) {
    throw new TagSelectionError(`semver '${range}' parse error`, { cause })
  }
}
