import { compileRegexp, type GoRegexp } from './regexp.ts'
import { RegexpError } from './syntax-error.ts'

// Patterns are few and used often; a full cache is forgotten as a whole.
const cacheSize = 1_000
const cache = new Map<string, GoRegexp | RegexpError>()

/** {@link compileRegexp} for patterns that come again, or what is wrong with the pattern. */
export function cachedRegexp(pattern: string): GoRegexp | RegexpError {
  const known = cache.get(pattern)
  if (known) return known
  const compiled = compile(pattern)
  if (cache.size >= cacheSize) cache.clear()
  cache.set(pattern, compiled)
  return compiled
}

function compile(pattern: string): GoRegexp | RegexpError {
  try {
    return compileRegexp(pattern)
  } catch (error) {
    if (error instanceof RegexpError) return error
    throw error
  }
}
