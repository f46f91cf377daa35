import { cachedRegexp, RegexpError } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'

/** An exclusion is no regular expression. */
export class ExclusionError extends ToolkitError {
  override readonly name = 'ExclusionError'

  constructor(pattern: string, options: ErrorOptions) {
    super('EXCLUSION_INVALID', `failed to compile regex ${pattern}`, options)
  }
}

/** The tags that none of the patterns matches. @throws {ExclusionError} */
export function excludeTags(tags: readonly string[], patterns: readonly string[]): readonly string[] {
  const expressions = patterns.map((pattern) => {
    const compiled = cachedRegexp(pattern)
    if (compiled instanceof RegexpError) throw new ExclusionError(pattern, { cause: compiled })
    return compiled
  })
  return tags.filter((tag) => !expressions.some((it) => it.test(tag)))
}
