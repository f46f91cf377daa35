import { ToolkitError } from '@sluice/ports'

/** A pattern of {@link matchPath} is malformed. */
export class PathPatternError extends ToolkitError {
  override readonly name = 'PathPatternError'

  constructor() {
    super('PATH_PATTERN', 'syntax error in pattern')
  }
}

/**
 * Whether `name` as a whole matches the shell pattern: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are classes,
 * `\` takes the next character as it is.
 *
 * Linear in pattern × name: a star is retried only after the last one seen.
 * Source: https://pkg.go.dev/path#Match
 *
 * @throws {PathPatternError} when the pattern is malformed, even past the point where the match is decided.
 */
export function matchPath(pattern: string, name: string): boolean {
  return matchTokens(tokenize(pattern), Array.from(name))
}

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly char: string }
  | {
      readonly kind: 'class'
      readonly negated: boolean
      readonly ranges: readonly (readonly [string, string])[]
    }

function tokenize(pattern: string): Token[] {
  const chars = Array.from(pattern)
  const tokens: Token[] = []
  let at = 0
  while (at < chars.length) {
    const char = chars[at] ?? ''
    at += 1
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (char === '?') {
      tokens.push({ kind: 'any' })
    } else if (char === '[') {
      const parsed = parseClass(chars, at)
      tokens.push(parsed.token)
      at = parsed.end
    } else if (char === '\\') {
      if (at >= chars.length) throw new PathPatternError()
      tokens.push({ kind: 'literal', char: chars[at] ?? '' })
      at += 1
    } else {
      tokens.push({ kind: 'literal', char })
    }
  }
  return tokens
}

function parseClass(
  chars: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } {
  let at = start
  const negated = chars[at] === '^'
  if (negated) at += 1
  const ranges: [string, string][] = []
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = classChar()
    let high = low
    if (chars[at] === '-') {
      at += 1
      high = classChar()
    }
    ranges.push([low, high])
  }
  return { token: { kind: 'class', negated, ranges }, end: at + 1 }

  function classChar(): string {
    const char = chars[at]
    if (char === undefined || char === '-' || char === ']') throw new PathPatternError()
    at += 1
    if (char !== '\\') {
      // A class must be closed: its last character cannot be the pattern's.
      if (at >= chars.length) throw new PathPatternError()
      return char
    }
    const escaped = chars[at]
    at += 1
    if (escaped === undefined || at >= chars.length) throw new PathPatternError()
    return escaped
  }
}

function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0
  let at = 0
  let starToken = -1
  let starAt = 0
  while (at < name.length || token < tokens.length) {
    const current = tokens[token]
    if (current?.kind === 'star') {
      starToken = token
      starAt = at
      token += 1
      continue
    }
    const char = name[at]
    if (current && char !== undefined && matchesChar(current, char)) {
      token += 1
      at += 1
      continue
    }
    // Give the last star one character more, which must not be a separator.
    if (starToken < 0 || starAt >= name.length || name[starAt] === '/') return false
    starAt += 1
    at = starAt
    token = starToken + 1
  }
  return true
}

function matchesChar(token: Exclude<Token, { readonly kind: 'star' }>, char: string): boolean {
  switch (token.kind) {
    case 'any':
      return char !== '/'
    case 'literal':
      return token.char === char
    case 'class': {
      const point = char.codePointAt(0) ?? 0
      const inside = token.ranges.some(
        ([low, high]) => (low.codePointAt(0) ?? 0) <= point && point <= (high.codePointAt(0) ?? 0),
      )
      return inside !== token.negated
    }
  }
}
