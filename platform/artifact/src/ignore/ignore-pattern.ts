import { matchGlob } from './glob.ts'

/** A line of an ignore file, bound to the directory that the file lies in. */
export type IgnorePattern = {
  /** Whether matching brings back what an earlier pattern excludes. */
  readonly isInclusion: boolean
  /** Whether `path`, or a directory above it, matches. `path` is relative to the root of the tree. */
  readonly matches: (path: readonly string[], isDirectory: boolean) => boolean
}

/**
 * Parses one line.
 *
 * Source: fluxcd/pkg sourceignore (after go-git), whose rules differ from Git's in two ways that users rely on: each file
 * is judged by itself, so that a file comes back from an excluded directory; and `**` is only special as a whole part.
 *
 * @param domain the directory that the pattern is for, as parts.
 */
export function parseIgnorePattern(line: string, domain: readonly string[]): IgnorePattern {
  const isInclusion = line.startsWith('!')
  let text = isInclusion ? line.slice(1) : line
  if (!text.endsWith('\\ ')) text = text.replace(/ +$/, '')
  const isDirectoryOnly = text.endsWith('/')
  if (isDirectoryOnly) text = text.slice(0, -1)
  const parts = text.split('/')
  const matchRelative = parts.length > 1 ? matchAnchored : matchAnywhere
  return {
    isInclusion,
    matches: (path, isDirectory) => {
      if (path.length <= domain.length || domain.some((part, i) => part !== path[i])) return false
      return matchRelative(parts, path.slice(domain.length), isDirectoryOnly && !isDirectory)
    },
  }
}

/** A pattern without a slash may match any part. `isFileRefused`: the last part must not be what matches. */
function matchAnywhere(
  [pattern = '']: readonly string[],
  path: readonly string[],
  isFileRefused: boolean,
): boolean {
  const found = path.findIndex((part) => matchGlob(pattern, part))
  return found >= 0 && !(isFileRefused && found === path.length - 1)
}

/** A pattern with slashes begins at its directory. It may end before the path does: then it names a directory above. */
function matchAnchored(pattern: readonly string[], path: readonly string[], isFileRefused: boolean): boolean {
  let at = 0
  let isMatched = false
  let mayTraverse = false
  for (const [i, part] of pattern.entries()) {
    if (part === '') {
      mayTraverse = false
    } else if (part === '**') {
      if (i === pattern.length - 1) break
      mayTraverse = true
    } else {
      if (part.includes('**') || at >= path.length) return false
      const found = mayTraverse ? indexFrom(path, at, part) : matchGlob(part, path[at] ?? '') ? at : -1
      if (found < 0 && !mayTraverse) return false
      isMatched = found >= 0
      at = found < 0 ? path.length : found + 1
      mayTraverse = false
    }
  }
  return isMatched && !(isFileRefused && at === path.length)
}

function indexFrom(path: readonly string[], start: number, pattern: string): number {
  const found = path.slice(start).findIndex((part) => matchGlob(pattern, part))
  return found < 0 ? -1 : start + found
}
