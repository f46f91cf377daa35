import { matchGlob } from '@sluice/artifact'
import { matchPath, PathPatternError } from '@sluice/go'

/** Whether a path matches. */
export type PathMatcher = (path: string) => boolean

/** Alternatives in braces multiply; more of them than this are refused. */
const maxAlternatives = 1_000

/**
 * A pattern in which `**` stands for any number of directories, and `{a,b}` for either; parts otherwise match as in a shell.
 *
 * Source: github.com/bmatcuk/doublestar v4.
 * @throws {PathPatternError} when it is malformed.
 */
export function doubleStar(pattern: string): PathMatcher {
  const alternatives = expandBraces(pattern).map((it) => it.split('/').map(normalizeClass))
  for (const part of alternatives.flat()) matchPath(part, '')
  return (path) => {
    const parts = path.split('/')
    return alternatives.some((it) => matchParts(it, parts))
  }
}

/** Only the last `**` is ever come back to: what the ones before it swallowed is decided. */
function matchParts(pattern: readonly string[], path: readonly string[]): boolean {
  let at = 0
  let token = 0
  let star = -1
  let swallowed = 0
  while (at < path.length) {
    const part = pattern[token]
    if (part === '**') {
      star = token
      swallowed = at
      token += 1
    } else if (part !== undefined && matchGlob(part, path[at] ?? '')) {
      token += 1
      at += 1
    } else if (star >= 0) {
      swallowed += 1
      at = swallowed
      token = star + 1
    } else {
      return false
    }
  }
  while (pattern[token] === '**') token += 1
  return token === pattern.length
}

/** Classes may be negated with `!` as well. */
function normalizeClass(part: string): string {
  return part.replaceAll(/\\.|\[!/gs, (found) => (found === '[!' ? '[^' : found))
}

/** `a{b,c{d,e}}` as `ab`, `acd`, `ace`. */
function expandBraces(pattern: string): readonly string[] {
  const braces = findBraces(pattern)
  if (!braces) return [pattern]
  const { start, end, commas } = braces
  const bounds = [start, ...commas, end]
  const heads = bounds.slice(0, -1).map((from, index) => pattern.slice(from + 1, bounds[index + 1]))
  const tails = expandBraces(pattern.slice(end + 1))
  const expanded = heads.flatMap(expandBraces)
  if (expanded.length * tails.length > maxAlternatives) throw new PathPatternError()
  return expanded.flatMap((head) => tails.map((tail) => pattern.slice(0, start) + head + tail))
}

type Braces = { readonly start: number; readonly end: number; readonly commas: readonly number[] }

/** The first braces that are not within others. @throws {PathPatternError} when one is missing. */
function findBraces(pattern: string): Braces | undefined {
  let depth = 0
  let start = -1
  const commas: number[] = []
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]
    if (char === '\\') at += 1
    else if (char === '{') {
      if (depth === 0) start = at
      depth += 1
    } else if (char === '}') {
      depth -= 1
      if (depth < 0) throw new PathPatternError()
      if (depth === 0) return { start, end: at, commas }
    } else if (char === ',' && depth === 1) commas.push(at)
  }
  if (depth > 0) throw new PathPatternError()
  return undefined
}
