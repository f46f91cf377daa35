import {
  canBackquote,
  compileRegexp,
  GoError,
  type GoFunction,
  type GoRegexp,
  quote,
  quoteMeta,
  RegexpError,
} from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'
import { foundList } from './list-items.ts'

/** Patterns kept compiled; templates have few, but use each of them often. */
const maxPatterns = 256

type Compile = (pattern: string) => GoRegexp

/**
 * Sprig's functions of regular expressions. Those with `must` tell what is wrong with a pattern in Go's words, the
 * others as a panic does; `regexMatch` just says no.
 *
 * Source: Masterminds/sprig 3.3.0, regex.go.
 */
export function regexFunctions(): FunctionMap {
  const compile = cached(compileRegexp)
  return new Map<string, GoFunction>([
    ...family('regex', panicking(compile)),
    ...family('mustRegex', returning(compile)),
    ['regexMatch', define(['string', 'string'], (pattern, text) => matches(compile, pattern, text))],
    ['regexQuoteMeta', define(['string'], quoteMeta)],
  ])
}

function family(prefix: string, compile: Compile): [string, GoFunction][] {
  return [
    [`${prefix}Match`, define(['string', 'string'], (pattern, text) => compile(pattern).test(text))],
    [
      `${prefix}Find`,
      define(['string', 'string'], (pattern, text) => compile(pattern).find(text)?.[0] ?? ''),
    ],
    [
      `${prefix}FindAll`,
      define(['string', 'string', 'int'], (pattern, text, count) =>
        foundList(
          compile(pattern)
            .findAll(text, limitOf(count.value))
            .map(([whole = '']) => whole),
        ),
      ),
    ],
    [
      `${prefix}Split`,
      define(['string', 'string', 'int'], (pattern, text, count) =>
        foundList(compile(pattern).split(text, limitOf(count.value))),
      ),
    ],
    [
      `${prefix}ReplaceAll`,
      define(['string', 'string', 'string'], (pattern, text, template) =>
        compile(pattern).replaceAll(text, template),
      ),
    ],
    [
      `${prefix}ReplaceAllLiteral`,
      define(['string', 'string', 'string'], (pattern, text, literal) =>
        compile(pattern).replaceAllLiteral(text, literal),
      ),
    ],
  ]
}

function matches(compile: Compile, pattern: string, text: string): boolean {
  try {
    return compile(pattern).test(text)
  } catch (cause) {
    if (cause instanceof RegexpError) return false
    throw cause
  }
}

/** Any negative count means all. */
function limitOf(count: bigint): number {
  return count < 0n ? -1 : Number(count)
}

function returning(compile: Compile): Compile {
  return (pattern) => rethrowing(compile, pattern, (message) => message)
}

function panicking(compile: Compile): Compile {
  return (pattern) =>
    rethrowing(compile, pattern, (message) => {
      const shown = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern)
      return `regexp: Compile(${shown}): ${message}`
    })
}

function rethrowing(compile: Compile, pattern: string, reword: (message: string) => string): GoRegexp {
  try {
    return compile(pattern)
  } catch (cause) {
    if (cause instanceof RegexpError) throw new GoError(reword(cause.message))
    throw cause
  }
}

function cached(compile: Compile): Compile {
  const known = new Map<string, GoRegexp>()
  return (pattern) => {
    const kept = known.get(pattern)
    if (kept) return kept
    const compiled = compile(pattern)
    if (known.size >= maxPatterns) known.clear()
    known.set(pattern, compiled)
    return compiled
  }
}
