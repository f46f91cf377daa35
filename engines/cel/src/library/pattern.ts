import { compileRegexp, type GoRegexp, RegexpError } from '@sluice/go'
import { CelError, type CelValue } from '../values/value.ts'

// Patterns are few and evaluations many; a full cache is forgotten as a whole.
const cacheSize = 256
const cache = new Map<string, GoRegexp | CelError>()

/** Compiles a pattern of Go's regexp syntax, or says what is wrong with it. */
export function compilePattern(pattern: string): GoRegexp | CelError {
  const known = cache.get(pattern)
  if (known) return known
  const compiled = compile(pattern)
  if (cache.size >= cacheSize) cache.clear()
  cache.set(pattern, compiled)
  return compiled
}

function compile(pattern: string): GoRegexp | CelError {
  try {
    return compileRegexp(pattern)
  } catch (error) {
    if (error instanceof RegexpError) return new CelError(error.message)
    throw error
  }
}

/** Whether a pattern matches anywhere in a text. */
export function matchPattern(text: string, pattern: string): CelValue {
  const compiled = compilePattern(pattern)
  return compiled instanceof CelError ? compiled : compiled.test(text)
}
