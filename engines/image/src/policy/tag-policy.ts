import { ImageError } from '../image-error.ts'
import { alphabeticalOrdering, numericalOrdering, type Ordering, semverOrdering } from './ordering.ts'
import { compileFilter, type Extract, type TagFilter } from './tag-filter.ts'

/** `spec.policy` of an ImagePolicy. Of several the first of this order counts. */
export type ImagePolicyChoice = {
  readonly semver?: { readonly range: string }
  readonly alphabetical?: { readonly order?: string }
  readonly numerical?: { readonly order?: string }
}

/** A policy's opinion of one tag. */
export type TagVerdict = {
  readonly tag: string
  /** What the policy compares of it; absent when the tag does not match the filter. */
  readonly text?: string
  /** The last two do not count at all. */
  readonly kind: 'chosen' | 'equal' | 'earlier' | 'refused' | 'filtered'
  /** In a few words. */
  readonly reason: string
}

/** A policy that was read once, to be asked about many lists of tags. */
export type TagPolicy = {
  /**
   * The tag that the policy chooses. Which one does not depend on tags that are neither chosen nor later: with tags added
   * to a list, it is enough to look at the one that was chosen before and the new ones, in the order of the list. (Only
   * `NaN` among numbers makes an exception: it is neither more nor less than any.)
   *
   * @throws {ImageError} `IMAGE_NOT_SCANNED` for no tags, `IMAGE_NO_TAG`, and, only now since Flux tells the former first,
   *   `IMAGE_FILTER_INVALID`.
   */
  readonly select: (tags: readonly string[]) => string
  /**
   * What the policy thinks of each tag: the chosen one first, then the others from the latest to the earliest, then those
   * that do not count, in the order of the list.
   *
   * @throws {ImageError} as {@link TagPolicy.select} does, except that what spoils a list is only refused.
   */
  readonly explain: (tags: readonly string[]) => readonly TagVerdict[]
}

/**
 * Reads a policy.
 *
 * Source: fluxcd/image-reflector-controller 1.2, internal/policy; FEATURES 7.2. Where Flux leaves it to chance, since
 * different tags are extracted to equal values, the one that is last in the list is chosen.
 * @throws {ImageError} `IMAGE_POLICY_INVALID`
 */
export function tagPolicy(choice: ImagePolicyChoice, filter?: TagFilter): TagPolicy {
  try {
    if (choice.semver) return policyBy(semverOrdering(choice.semver.range), filter, !filter)
    if (choice.alphabetical) return policyBy(alphabeticalOrdering(choice.alphabetical.order), filter)
    if (choice.numerical) return policyBy(numericalOrdering(choice.numerical.order), filter)
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause
    throw new ImageError('IMAGE_POLICY_INVALID', `invalid policy: ${cause.message}`)
  }
  throw new ImageError('IMAGE_POLICY_INVALID', 'invalid policy: given ImagePolicyChoice object is invalid')
}

/**
 * The tag that a policy chooses.
 *
 * @example selectTag({ semver: { range: '1.x' } }, ['1.2.0', '1.10.0', '2.0.0']) // '1.10.0'
 *
 * @throws {ImageError}
 */
export function selectTag(choice: ImagePolicyChoice, tags: readonly string[], filter?: TagFilter): string {
  return tagPolicy(choice, filter).select(tags)
}

/** @param firstOfEqual whether of equal tags the first of the list is taken, instead of the last. */
function policyBy<Value>(
  ordering: Ordering<Value>,
  filter: TagFilter | undefined,
  firstOfEqual = false,
): TagPolicy {
  let compiled: Extract | undefined
  const extractFor = (tags: readonly string[]): Extract => {
    if (tags.length === 0) throw new ImageError('IMAGE_NOT_SCANNED', 'no tags in database')
    compiled ??= filter ? compileFilter(filter) : (tag) => tag
    return compiled
  }
  // What cannot be compared, NaN, is taken as well.
  const isLater = (value: Value, best: Value): boolean =>
    firstOfEqual ? ordering.compare(value, best) > 0 : !(ordering.compare(value, best) < 0)
  return {
    select: (tags) => select(tags, extractFor(tags), { ordering, isLater }),
    explain: (tags) => explain(tags, extractFor(tags), { ordering, isLater }),
  }
}

type Rules<Value> = {
  readonly ordering: Ordering<Value>
  /** Whether a tag that comes later in the list is to be taken instead of the best one so far. */
  readonly isLater: (value: Value, best: Value) => boolean
}

function select<Value>(
  tags: readonly string[],
  extract: Extract,
  { ordering, isLater }: Rules<Value>,
): string {
  let best: Value | undefined
  let chosen: string | undefined
  let hasMatch = false
  for (const tag of tags) {
    const text = extract(tag)
    if (text === undefined) continue
    hasMatch = true
    const value = ordering.read(text)
    if (value === undefined || (best !== undefined && !isLater(value, best))) continue
    best = value
    chosen = tag
  }
  if (!hasMatch) throw new ImageError('IMAGE_NO_TAG', 'version list argument cannot be empty')
  if (chosen !== undefined) return chosen
  throw new ImageError('IMAGE_NO_TAG', 'unable to determine latest version from provided list')
}

function explain<Value>(
  tags: readonly string[],
  extract: Extract,
  { ordering, isLater }: Rules<Value>,
): readonly TagVerdict[] {
  const counting: { readonly tag: string; readonly text: string; readonly value: Value }[] = []
  const refused: TagVerdict[] = []
  const filtered: TagVerdict[] = []
  for (const tag of tags) {
    const text = extract(tag)
    const value = text === undefined ? undefined : tryRead(ordering, text)
    if (text === undefined) filtered.push({ tag, kind: 'filtered', reason: 'does not match the filter' })
    else if (value === undefined) {
      refused.push({ tag, text, kind: 'refused', reason: ordering.refusal(text) })
    } else counting.push({ tag, text, value })
  }
  // Sorting is stable: of equal tags the one that is to be taken comes first if the list is turned where that is the last.
  const sorted = isLastOfEqual(counting, isLater) ? counting.toReversed() : counting
  const ranked = sorted.toSorted((a, b) => ordering.compare(b.value, a.value))
  const [best] = ranked
  const verdicts = ranked.map(({ tag, text, value }, index): TagVerdict => {
    if (index === 0) return { tag, text, kind: 'chosen', reason: ordering.latest }
    const isEqual = best !== undefined && ordering.compare(value, best.value) === 0
    return isEqual
      ? { tag, text, kind: 'equal', reason: `equal to ${best.tag}, which is taken first` }
      : { tag, text, kind: 'earlier', reason: `earlier than ${best?.tag ?? ''}` }
  })
  return [...verdicts, ...refused, ...filtered]
}

function isLastOfEqual<Value>(
  counting: readonly { readonly value: Value }[],
  isLater: Rules<Value>['isLater'],
): boolean {
  const [any] = counting
  return any !== undefined && isLater(any.value, any.value)
}

function tryRead<Value>(ordering: Ordering<Value>, text: string): Value | undefined {
  try {
    return ordering.read(text)
  } catch (error) {
    if (error instanceof ImageError) return undefined
    throw error
  }
}
