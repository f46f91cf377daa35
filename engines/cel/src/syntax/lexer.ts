import type { LexicalError, Token, TokenKind } from './token.ts'

/**
 * Splits an expression into tokens; the last is always `EOF`. Of the tokens that could begin at a place the
 * longest wins. What begins no token is skipped up to the character that could not be read, and reported.
 *
 * Source: the lexical grammar of https://github.com/google/cel-spec/blob/master/doc/langdef.md
 */
export function tokenize(codePoints: readonly string[]): {
  readonly tokens: readonly Token[]
  readonly errors: readonly LexicalError[]
} {
  const tokens: Token[] = []
  const errors: LexicalError[] = []
  let at = 0
  while (at < codePoints.length) {
    const next = skipHidden(codePoints, at)
    if (next > at) {
      at = next
      continue
    }
    const match = matchToken(codePoints, at)
    if (match.kind === undefined) {
      errors.push({ offset: at, text: codePoints.slice(at, match.end + 1).join('') })
      at = match.end + 1
    } else {
      tokens.push({ kind: match.kind, text: codePoints.slice(at, match.end).join(''), offset: at })
      at = match.end
    }
  }
  tokens.push({ kind: 'EOF', text: '<EOF>', offset: codePoints.length })
  return { tokens, errors }
}

/** A token up to `end`, or without a kind the failure at `end`. */
type Match = { readonly kind?: TokenKind; readonly end: number }

const keywords: ReadonlyMap<string, TokenKind> = new Map([
  ['in', 'in'],
  ['true', 'true'],
  ['false', 'false'],
  ['null', 'null'],
])
const twoSigns: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '&&', '||'])
const oneSign: ReadonlySet<string> = new Set('<>[]{}().,-!?:+*/%')

function skipHidden(text: readonly string[], start: number): number {
  const first = text[start]
  if (isSpace(first)) {
    let at = start + 1
    while (isSpace(text[at])) at++
    return at
  }
  if (first !== '/' || text[start + 1] !== '/') return start
  let at = start + 2
  while (at < text.length && text[at] !== '\n') at++
  return at
}

function matchToken(text: readonly string[], start: number): Match {
  const first = text[start] ?? ''
  if (isLetter(first) || first === '_') return matchWord(text, start)
  if (isDigit(first)) return matchNumber(text, start)
  if (first === '"' || first === "'") return matchString(text, start)
  if (first === '.' && isDigit(text[start + 1])) return { kind: 'NUM_FLOAT', end: floatTail(text, start) }
  if (first === '`') return matchEscaped(text, start)
  const two = first + (text[start + 1] ?? '')
  if (twoSigns.has(two)) return { kind: two as TokenKind, end: start + 2 }
  if (oneSign.has(first)) return { kind: first as TokenKind, end: start + 1 }
  const begins = first === '=' || first === '&' || first === '|'
  return { end: begins ? start + 1 : start }
}

/** An identifier, a keyword, or a string with a prefix. */
function matchWord(text: readonly string[], start: number): Match {
  const prefixed = matchPrefixed(text, start)
  if (prefixed) return prefixed
  let end = start + 1
  while (isWordPart(text[end])) end++
  return { kind: keywords.get(text.slice(start, end).join('')) ?? 'IDENTIFIER', end }
}

function matchPrefixed(text: readonly string[], start: number): Match | undefined {
  let at = start
  const isBytes = text[at] === 'b' || text[at] === 'B'
  if (isBytes) at++
  const isRaw = text[at] === 'r' || text[at] === 'R'
  if (isRaw) at++
  if (at === start || (text[at] !== '"' && text[at] !== "'")) return undefined
  const { kind, end } = matchString(text, at, isRaw)
  return kind === undefined ? undefined : { kind: isBytes ? 'BYTES' : 'STRING', end }
}

function matchString(text: readonly string[], start: number, isRaw = false): Match {
  const quote = text[start]
  if (text[start + 1] === quote && text[start + 2] === quote) {
    const long = matchLong(text, start, isRaw)
    if (long !== undefined) return { kind: 'STRING', end: long }
  }
  let at = start + 1
  for (;;) {
    const character = text[at]
    if (character === quote) return { kind: 'STRING', end: at + 1 }
    if (character === undefined || character === '\n' || character === '\r') return { end: at }
    if (character === '\\' && !isRaw) {
      const escape = matchEscape(text, at)
      if (!escape.isComplete) return { end: escape.end }
      at = escape.end
    } else at++
  }
}

/** The end of a string in triple quotes. */
function matchLong(text: readonly string[], start: number, isRaw: boolean): number | undefined {
  const quote = text[start]
  let at = start + 3
  while (at < text.length) {
    if (text[at] === quote && text[at + 1] === quote && text[at + 2] === quote) return at + 3
    if (text[at] === '\\' && !isRaw) {
      const escape = matchEscape(text, at)
      if (!escape.isComplete) return undefined
      at = escape.end
    } else at++
  }
  return undefined
}

const simpleEscapes: ReadonlySet<string> = new Set('abfnrtv"\'\\?`')
const hexDigits: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['X', 2],
  ['u', 4],
  ['U', 8],
])

/** An escape sequence: where it ends, or the character at which it stops being one. */
function matchEscape(
  text: readonly string[],
  start: number,
): { readonly isComplete: boolean; readonly end: number } {
  const first = text[start + 1] ?? ''
  if (simpleEscapes.has(first)) return { isComplete: true, end: start + 2 }
  const isOctal = first >= '0' && first <= '3'
  const digits = isOctal ? 2 : hexDigits.get(first)
  if (digits === undefined) return { isComplete: false, end: start + 1 }
  for (let at = start + 2; at < start + 2 + digits; at++) {
    const isDigitHere = isOctal ? /^[0-7]$/.test(text[at] ?? '') : isHex(text[at])
    if (!isDigitHere) return { isComplete: false, end: at }
  }
  return { isComplete: true, end: start + 2 + digits }
}

function matchNumber(text: readonly string[], start: number): Match {
  if (text[start] === '0' && text[start + 1] === 'x' && isHex(text[start + 2])) {
    let end = start + 3
    while (isHex(text[end])) end++
    return withSuffix(text, end)
  }
  let end = start + 1
  while (isDigit(text[end])) end++
  const float = floatTail(text, end)
  return float > end ? { kind: 'NUM_FLOAT', end: float } : withSuffix(text, end)
}

function withSuffix(text: readonly string[], end: number): Match {
  const isUnsigned = text[end] === 'u' || text[end] === 'U'
  return isUnsigned ? { kind: 'NUM_UINT', end: end + 1 } : { kind: 'NUM_INT', end }
}

/** The end of a fraction and exponent at `start`; `start` itself where there are none. */
function floatTail(text: readonly string[], start: number): number {
  let end = start
  if (text[end] === '.' && isDigit(text[end + 1])) {
    end += 2
    while (isDigit(text[end])) end++
  }
  if (text[end] !== 'e' && text[end] !== 'E') return end
  let exponent = end + 1
  if (text[exponent] === '+' || text[exponent] === '-') exponent++
  if (!isDigit(text[exponent])) return end
  while (isDigit(text[exponent])) exponent++
  return exponent
}

function matchEscaped(text: readonly string[], start: number): Match {
  let at = start + 1
  while (isWordPart(text[at]) || ['.', '-', '/', ' '].includes(text[at] ?? '')) at++
  return text[at] === '`' && at > start + 1 ? { kind: 'ESC_IDENTIFIER', end: at + 1 } : { end: at }
}

function isSpace(character: string | undefined): boolean {
  return (
    character === ' ' || character === '\t' || character === '\n' || character === '\r' || character === '\f'
  )
}

function isLetter(character: string): boolean {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

function isHex(character: string | undefined): boolean {
  if (character === undefined) return false
  return (
    isDigit(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F')
  )
}

function isWordPart(character: string | undefined): boolean {
  return character !== undefined && (isLetter(character) || isDigit(character) || character === '_')
}
