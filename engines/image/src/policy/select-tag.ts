import { compileRegexp, type GoRegexp, RegexpError } from '@sluice/go'
import { ImageError } from '../image-error.ts'
import { alphabeticalLatest, type Latest, numericalLatest, semverLatest } from './order.ts'

/** `spec.policy` of an ImagePolicy. Of several the first of this order counts. */
export type ImagePolicyChoice = {
  readonly semver?: { readonly range: string }
  readonly alphabetical?: { readonly order?: string }
  readonly numerical?: { readonly order?: string }
}

/** `spec.filterTags` of an ImagePolicy. */
export type TagFilter = {
  /** A regular expression; tags that do not match do not count. */
  readonly pattern?: string
  /** What the policy sees of a tag, such as `$ts` or `${1}`; the whole tag when empty. */
  readonly extract?: string
}

/**
 * The tag that a policy chooses.
 *
 * @example selectTag({ semver: { range: '1.x' } }, ['1.2.0', '1.10.0', '2.0.0']) // '1.10.0'
 *
 * Source: fluxcd/image-reflector-controller, internal/policy; FEATURES 7.2.
 * @throws {ImageError}
 */
export function selectTag(policy: ImagePolicyChoice, tags: readonly string[], filter?: TagFilter): string {
  const latest = latestOf(policy)
  if (tags.length === 0) throw new ImageError('IMAGE_NO_TAG', 'no tags in database')
  if (!filter) return latest(tags)
  const tagByText = filtered(tags, filter)
  if (tagByText.size === 0) throw new ImageError('IMAGE_NO_TAG', 'version list argument cannot be empty')
  const chosen = latest([...tagByText.keys()])
  return tagByText.get(chosen) ?? chosen
}

function latestOf(policy: ImagePolicyChoice): Latest {
  try {
    if (policy.semver) return semverLatest(policy.semver.range)
    if (policy.alphabetical) return alphabeticalLatest(policy.alphabetical.order)
    if (policy.numerical) return numericalLatest(policy.numerical.order)
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause
    throw new ImageError('IMAGE_POLICY_INVALID', `invalid policy: ${cause.message}`)
  }
  throw new ImageError('IMAGE_POLICY_INVALID', 'invalid policy: given ImagePolicyChoice object is invalid')
}

/** Tags by what is extracted from them; of two that give the same the later counts. */
function filtered(tags: readonly string[], { pattern = '', extract = '' }: TagFilter): Map<string, string> {
  const regexp = compileFilter(pattern)
  const tagByText = new Map<string, string>()
  for (const tag of tags) {
    const indexes = regexp.findIndex(tag)
    if (indexes) tagByText.set(extract === '' ? tag : regexp.expand(extract, tag, indexes), tag)
  }
  return tagByText
}

function compileFilter(pattern: string): GoRegexp {
  try {
    return compileRegexp(pattern)
  } catch (cause) {
    if (!(cause instanceof RegexpError)) throw cause
    const message = `failed to filter tags: invalid regular expression pattern '${pattern}': ${cause.message}`
    throw new ImageError('IMAGE_FILTER_INVALID', message)
  }
}
