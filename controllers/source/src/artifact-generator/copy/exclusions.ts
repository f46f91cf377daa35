import { cleanPath, PathPatternError, pathBase } from '@sluice/go'
import { CopyError } from './copy-error.ts'
import { doubleStar } from './double-star.ts'

/** Whether `path` is left out; `base` is the part of a tree that is copied from. */
export type Exclusions = (path: string, base: string) => boolean

/**
 * Patterns match paths of the source, or of the part of it that is copied from; those without a slash also match names at
 * any depth.
 *
 * @throws {CopyError} when one is malformed.
 */
export function exclusions(patterns: readonly string[]): Exclusions {
  const matchers = patterns.map(compile)
  const matches = (path: string): boolean => matchers.some((it) => it(path))
  return (path, base) => {
    if (matches(path)) return true
    const start = base === '.' || base === '' ? '' : `${cleanPath(base)}/`
    return start !== '' && path.startsWith(start) && matches(path.slice(start.length))
  }
}

function compile(pattern: string): (path: string) => boolean {
  try {
    const matches = doubleStar(pattern)
    const isName = !pattern.includes('/')
    return (path) => matches(path) || (isName && matches(pathBase(path)))
  } catch (error) {
    if (error instanceof PathPatternError) throw new CopyError(`invalid exclude pattern '${pattern}'`)
    throw error
  }
}
