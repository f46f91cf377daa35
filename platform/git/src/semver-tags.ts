import { compareVersions, parseConstraint, type SemverVersion, tryParseFluxVersion } from '@sluice/go'
import { GitError } from './git-error.ts'

/** A range of versions. */
export type TagRange = ReturnType<typeof parseConstraint>

/**
 * The names among `tags` that stand for the highest version within `constraint`: several when they differ in build metadata
 * alone, none when nothing matches. Tags that are no versions do not count.
 */
export function selectVersion(tags: readonly string[], constraint: TagRange): readonly string[] {
  let best: { readonly tag: string; readonly version: SemverVersion }[] = []
  for (const tag of tags) {
    const version = tryParseFluxVersion(tag)
    if (!version || !constraint.check(version)) continue
    const order = best[0] ? compareVersions(version, best[0].version) : 1
    if (order > 0) best = [{ tag, version }]
    if (order === 0) best.push({ tag, version })
  }
  return best.map(({ tag }) => tag)
}

/** @throws {GitError} when the range is malformed. */
export function parseTagRange(range: string): TagRange {
  try {
    return parseConstraint(range)
  } catch (cause) {
    throw new GitError('GIT_INVALID_INPUT', 'semver parse error', { cause })
  }
}
