import { RE2JS } from 're2js'
import { KustomizeError } from './errors.ts'

/** Characters that mean themselves in every regular expression. */
const literal = /^[\w/-]*$/

/** A compiled pattern: whether a text has a match anywhere. */
export type Matcher = (text: string) => boolean

/**
 * Compiles a pattern in Go's syntax, which matches in time linear to the text.
 *
 * @throws {KustomizeError} when it is no pattern.
 */
export function compilePattern(pattern: string): Matcher {
  if (literal.test(pattern)) return (text) => text.includes(pattern)
  const compiled = compile(pattern)
  return (text) => compiled.matcher(text).find()
}

/** Compiles a pattern that must match the whole text; the empty pattern matches all. */
export function compileWhole(pattern: string): Matcher {
  if (pattern === '') return () => true
  if (literal.test(pattern)) return (text) => text === pattern
  const compiled = compile(`^(?:${pattern})$`)
  return (text) => compiled.matcher(text).find()
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    throw new KustomizeError('TARGET_INVALID', `error parsing regexp ${JSON.stringify(pattern)}`, { cause })
  }
}
