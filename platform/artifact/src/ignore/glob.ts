/**
 * Matches one path component as Go's `filepath.Match` does: `*`, `?`, `[a-z]`, `[^a]` and `\` for the next character.
 * A malformed pattern matches nothing. Takes time proportional to pattern × name, whatever the pattern.
 */
export function matchGlob(pattern: string, name: string): boolean {
  const tokens = tokenize(pattern)
  if (!tokens) return false
  const chars = Array.from(name)
  let token = 0
  let char = 0
  // Where the last star stands and how much it has swallowed: the only place to come back to.
  let star = -1
  let swallowed = 0
  while (char < chars.length) {
    const current = tokens[token]
    if (current === 'star') {
      star = token
      swallowed = char
      token += 1
    } else if (current?.(chars[char] ?? '')) {
      token += 1
      char += 1
    } else if (star >= 0) {
      swallowed += 1
      char = swallowed
      token = star + 1
    } else {
      return false
    }
  }
  while (tokens[token] === 'star') token += 1
  return token === tokens.length
}

type Token = 'star' | ((char: string) => boolean)

/** Compiled patterns: a few are matched against very many names. */
const compiled = new Map<string, readonly Token[] | undefined>()
const maxCompiled = 5_000

function tokenize(pattern: string): readonly Token[] | undefined {
  if (!compiled.has(pattern)) {
    if (compiled.size >= maxCompiled) compiled.clear()
    compiled.set(pattern, parse(Array.from(pattern)))
  }
  return compiled.get(pattern)
}

function parse(chars: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = []
  let at = 0
  while (at < chars.length) {
    const char = chars[at]
    if (char === '*') {
      tokens.push('star')
      at += 1
    } else if (char === '?') {
      tokens.push(() => true)
      at += 1
    } else if (char === '[') {
      const parsed = parseClass(chars, at + 1)
      if (!parsed) return undefined
      tokens.push(parsed.matches)
      at = parsed.next
    } else {
      const isEscaped = char === '\\'
      const literal = isEscaped ? chars[at + 1] : char
      if (literal === undefined) return undefined
      tokens.push((it) => it === literal)
      at += isEscaped ? 2 : 1
    }
  }
  return tokens
}

type ParsedClass = { readonly matches: (char: string) => boolean; readonly next: number }

function parseClass(chars: readonly string[], start: number): ParsedClass | undefined {
  let at = start
  const isNegated = chars[at] === '^'
  if (isNegated) at += 1
  const ranges: { readonly low: string; readonly high: string }[] = []
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = parseBound(chars, at)
    if (!low) return undefined
    const high: Bound | undefined = chars[low.next] === '-' ? parseBound(chars, low.next + 1) : low
    if (!high) return undefined
    ranges.push({ low: low.char, high: high.char })
    at = high.next
  }
  const contains = (char: string): boolean =>
    ranges.some(({ low, high }) => codePoint(low) <= codePoint(char) && codePoint(char) <= codePoint(high))
  return { matches: (char) => contains(char) !== isNegated, next: at + 1 }
}

type Bound = { readonly char: string; readonly next: number }

/** One end of a range. A bare `-` or `]` is malformed, and something must follow. */
function parseBound(chars: readonly string[], at: number): Bound | undefined {
  const first = chars[at]
  if (first === undefined || first === '-' || first === ']') return undefined
  const isEscaped = first === '\\'
  const char = isEscaped ? chars[at + 1] : first
  const next = at + (isEscaped ? 2 : 1)
  return char === undefined || next >= chars.length ? undefined : { char, next }
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0
}
