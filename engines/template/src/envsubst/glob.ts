/** A part of a shell pattern, over bytes; `any` and `class` take one character. */
export type GlobPart =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly byte: number }
  | { readonly kind: 'class'; readonly ranges: readonly RuneRange[]; readonly negated: boolean }

type RuneRange = readonly [low: number, high: number]
type Rune = { readonly code: number; readonly width: number }

const replacement = 0xfffd

/**
 * Reads a shell pattern; `undefined` when it is malformed, which then matches nothing. `*` and `?` take slashes too.
 *
 * Source: github.com/fluxcd/pkg/envsubst 1.9.0, path.Match.
 */
export function parseGlob(pattern: Uint8Array): GlobPart[] | undefined {
  const parts: GlobPart[] = []
  for (let at = 0; at < pattern.length; ) {
    const byte = pattern[at] ?? 0
    if (byte === 42) {
      parts.push({ kind: 'star' })
      at += 1
    } else if (byte === 63) {
      parts.push({ kind: 'any' })
      at += 1
    } else if (byte === 91) {
      const set = parseClass(pattern, at + 1)
      if (!set) return undefined
      parts.push(set.part)
      at = set.end
    } else {
      const literalAt = byte === 92 ? at + 1 : at
      const literal = pattern[literalAt]
      if (literal === undefined) return undefined
      parts.push({ kind: 'literal', byte: literal })
      at = literalAt + 1
    }
  }
  return parts
}

/** Whether the pattern matches the first `end` bytes, where a character may be cut into bytes of no character. */
export function globMatches(parts: readonly GlobPart[], bytes: Uint8Array, end: number): boolean {
  let part = 0
  let at = 0
  // Where to go on when what follows the last star does not fit here.
  let starPart = -1
  let starAt = 0
  while (at < end) {
    const width = widthTaken(parts[part], bytes, at, end)
    if (parts[part]?.kind === 'star') {
      starPart = part
      starAt = at
      part += 1
    } else if (width > 0) {
      part += 1
      at += width
    } else if (starPart >= 0) {
      starAt += 1
      at = starAt
      part = starPart + 1
    } else {
      return false
    }
  }
  while (parts[part]?.kind === 'star') part += 1
  return part === parts.length
}

/** Bytes that a part takes at `at`; 0 when it does not fit. */
function widthTaken(part: GlobPart | undefined, bytes: Uint8Array, at: number, end: number): number {
  if (part === undefined || part.kind === 'star') return 0
  if (part.kind === 'literal') return part.byte === bytes[at] ? 1 : 0
  const { code, width } = runeAt(bytes, at, end)
  if (part.kind === 'any') return width
  return part.ranges.some(([low, high]) => code >= low && code <= high) === part.negated ? 0 : width
}

function parseClass(
  pattern: Uint8Array,
  start: number,
): { readonly part: GlobPart; readonly end: number } | undefined {
  let at = start
  const negated = pattern[at] === 94
  if (negated) at += 1
  const ranges: RuneRange[] = []
  while (ranges.length === 0 || pattern[at] !== 93) {
    const low = classRune(pattern, at)
    if (!low) return undefined
    let high = low
    if (pattern[low.end] === 45) {
      const other = classRune(pattern, low.end + 1)
      if (!other) return undefined
      high = other
    }
    ranges.push([low.code, high.code])
    at = high.end
  }
  return { part: { kind: 'class', ranges, negated }, end: at + 1 }
}

/** A character of a class, which must not be the last of the pattern. */
function classRune(
  pattern: Uint8Array,
  start: number,
): { readonly code: number; readonly end: number } | undefined {
  const first = pattern[start]
  if (first === undefined || first === 45 || first === 93) return undefined
  const at = first === 92 ? start + 1 : start
  if (at >= pattern.length) return undefined
  const { code, width } = runeAt(pattern, at, pattern.length)
  const end = at + width
  const isCharacter = code !== replacement || width > 1
  return isCharacter && end < pattern.length ? { code, end } : undefined
}

/** The character at `at` of a text that ends at `end`. A byte that begins none is U+FFFD of width 1. */
function runeAt(bytes: Uint8Array, at: number, end: number): Rune {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { code: first, width: 1 }
  const width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  const invalid: Rune = { code: replacement, width: 1 }
  if (first < 0xc2 || first > 0xf4 || at + width > end) return invalid
  let code = first & (0x7f >> width)
  for (let next = at + 1; next < at + width; next += 1) {
    const byte = bytes[next] ?? 0
    if ((byte & 0xc0) !== 0x80) return invalid
    code = (code << 6) | (byte & 0x3f)
  }
  const least = width === 2 ? 0x80 : width === 3 ? 0x800 : 0x10000
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return invalid
  return { code, width }
}
