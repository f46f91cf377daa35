import { cachedRegexp, type GoRegexp, RegexpError } from '@sluice/go'
import { ImageError } from '../image-error.ts'

/** `spec.filterTags` of an ImagePolicy. */
export type TagFilter = {
  /** A regular expression; tags that do not match do not count. */
  readonly pattern?: string
  /** What the policy sees of a tag, such as `$ts` or `${1}`; the whole tag when empty. */
  readonly extract?: string
}

/** What a policy sees of a tag; nothing of a tag that does not match. */
export type Extract = (tag: string) => string | undefined

/** @throws {ImageError} `IMAGE_FILTER_INVALID` */
export function compileFilter({ pattern = '', extract = '' }: TagFilter): Extract {
  const regexp = readPattern(pattern)
  if (extract === '') return (tag) => (regexp.test(tag) ? tag : undefined)
  return (tag) => {
    const indexes = regexp.findIndex(tag)
    return indexes && regexp.expand(extract, tag, indexes)
  }
}

function readPattern(pattern: string): GoRegexp {
  const compiled = cachedRegexp(pattern)
  if (!(compiled instanceof RegexpError)) return compiled
  const message = `failed to filter tags: invalid regular expression pattern '${pattern}': ${compiled.message}`
  throw new ImageError('IMAGE_FILTER_INVALID', message)
}
