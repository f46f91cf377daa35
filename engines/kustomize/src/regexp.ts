import { compileRegexp, type GoRegexp, RegexpError } from '@sluice/go'
import { KustomizeError } from './errors.ts'

/** A compiled pattern: whether a text has a match. */
export type Matcher = (text: string) => boolean

/**
 * Compiles a pattern in Go's syntax that may match anywhere in the text.
 *
 * @throws {KustomizeError} when it is no pattern.
 */
export function compilePattern(pattern: string): Matcher {
  const compiled = compile(pattern)
  return (text) => compiled.test(text)
}

/** Compiles a pattern that must match the whole text; the empty pattern matches all. */
export function compileWhole(pattern: string): Matcher {
  if (pattern === '') return () => true
  return compilePattern(`^(?:${pattern})$`)
}

function compile(pattern: string): GoRegexp {
  try {
    return compileRegexp(pattern)
  } catch (cause) {
    if (!(cause instanceof RegexpError)) throw cause
    throw new KustomizeError('TARGET_INVALID', cause.message)
  }
}
