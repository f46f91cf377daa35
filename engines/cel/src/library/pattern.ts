import { cachedRegexp, type GoRegexp, RegexpError } from '@sluice/go'
import { CelError, type CelValue } from '../values/value.ts'

/** Compiles a pattern of Go's regexp syntax, or says what is wrong with it. */
export function compilePattern(pattern: string): GoRegexp | CelError {
  const compiled = cachedRegexp(pattern)
  return compiled instanceof RegexpError ? new CelError(compiled.message) : compiled
}

/** Whether a pattern matches anywhere in a text. */
export function matchPattern(text: string, pattern: string): CelValue {
  const compiled = compilePattern(pattern)
  return compiled instanceof CelError ? compiled : compiled.test(text)
}
