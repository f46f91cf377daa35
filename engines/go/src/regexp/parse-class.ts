import { maxRune, type RuneClass, type RuneRange, type UnicodeGroup } from './node.ts'
import { RegexpError } from './syntax-error.ts'
import { unicodeGroupName } from './unicode-names.ts'

/** Something read from a pattern and where the rest begins. */
export type Read<T> = { readonly value: T; readonly end: number }

const digits: readonly RuneRange[] = [[48, 57]]
const spaces: readonly RuneRange[] = [
  [9, 10],
  [12, 13],
  [32, 32],
]
const word: readonly RuneRange[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]
const perlClasses: ReadonlyMap<string, readonly RuneRange[]> = new Map([
  ['d', digits],
  ['s', spaces],
  ['w', word],
])
const posixClasses: ReadonlyMap<string, readonly RuneRange[]> = new Map([
  ['alnum', [digits[0] ?? [0, 0], [65, 90], [97, 122]]],
  [
    'alpha',
    [
      [65, 90],
      [97, 122],
    ],
  ],
  ['ascii', [[0, 127]]],
  [
    'blank',
    [
      [9, 9],
      [32, 32],
    ],
  ],
  [
    'cntrl',
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ['digit', digits],
  ['graph', [[33, 126]]],
  ['lower', [[97, 122]]],
  ['print', [[32, 126]]],
  [
    'punct',
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126],
    ],
  ],
  [
    'space',
    [
      [9, 13],
      [32, 32],
    ],
  ],
  ['upper', [[65, 90]]],
  ['word', word],
  [
    'xdigit',
    [
      [48, 57],
      [65, 70],
      [97, 102],
    ],
  ],
])
const controlEscapes: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
])

/** Reads `[…]` whose bracket is at `start`. @throws {RegexpError} */
export function parseBracketClass(pattern: string, start: number, folds: boolean): Read<RuneClass> {
  const ranges: RuneRange[] = []
  const groups: UnicodeGroup[] = []
  let at = start + 1
  const negated = pattern[at] === '^'
  if (negated) at += 1
  for (let first = true; first || pattern[at] !== ']'; first = false) {
    const named = parseNamedClass(pattern, at) ?? parsePerlClass(pattern, at)
    if (named) {
      ranges.push(...named.value)
      at = named.end
      continue
    }
    const group = parseUnicodeGroup(pattern, at)
    if (group) {
      groups.push(group.value)
      at = group.end
      continue
    }
    const range = parseRange(pattern, at, start)
    ranges.push(range.value)
    at = range.end
  }
  return { value: { kind: 'class', ranges, groups, negated, folds }, end: at + 1 }
}

/** `\d` and its like at `at`, if there. */
export function parsePerlClass(pattern: string, at: number): Read<readonly RuneRange[]> | undefined {
  if (pattern[at] !== '\\') return undefined
  const letter = pattern[at + 1] ?? ''
  const ranges = perlClasses.get(letter.toLowerCase())
  if (!ranges) return undefined
  return { value: letter === letter.toLowerCase() ? ranges : complement(ranges), end: at + 2 }
}

/** `\pL`, `\P{Greek}`, `\p{^Lu}` at `at`, if there. @throws {RegexpError} for unknown names */
export function parseUnicodeGroup(pattern: string, at: number): Read<UnicodeGroup> | undefined {
  const letter = pattern[at + 1]
  if (pattern[at] !== '\\' || (letter !== 'p' && letter !== 'P')) return undefined
  const first = pattern.codePointAt(at + 2)
  if (first === undefined) throw new RegexpError('invalid character class range', pattern.slice(at))
  let end = at + 2 + String.fromCodePoint(first).length
  let name = pattern.slice(at + 2, end)
  if (name === '{') {
    const close = pattern.indexOf('}', at)
    if (close < 0) throw new RegexpError('invalid character class range', pattern.slice(at))
    name = pattern.slice(at + 3, close)
    end = close + 1
  }
  const inverted = name.startsWith('^')
  const known = unicodeGroupName(inverted ? name.slice(1) : name)
  if (known === undefined) {
    throw new RegexpError('invalid character class range', pattern.slice(at, end))
  }
  return { value: { name: known, negated: (letter === 'P') !== inverted }, end }
}

/** Reads the escape of one character whose backslash is at `at`. @throws {RegexpError} */
export function parseEscape(pattern: string, at: number): Read<number> {
  const code = pattern.codePointAt(at + 1)
  if (code === undefined) throw new RegexpError('trailing backslash at end of expression', '')
  const letter = String.fromCodePoint(code)
  const next = at + 1 + letter.length
  const control = controlEscapes.get(letter)
  if (control !== undefined) return { value: control, end: next }
  if (letter === 'x') return parseHexEscape(pattern, at)
  // A single digit would be a reference to a group, which Go has not.
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(pattern.slice(at + 1, at + 4))
  if (octal) return { value: Number.parseInt(octal[0], 8), end: at + 1 + octal[0].length }
  if (code < 0x80 && !/[0-9A-Za-z]/.test(letter)) return { value: code, end: next }
  throw new RegexpError('invalid escape sequence', pattern.slice(at, next))
}

function parseHexEscape(pattern: string, at: number): Read<number> {
  if (pattern[at + 2] !== '{') {
    const pair = pattern.slice(at + 2, at + 4)
    if (/^[0-9a-fA-F]{2}$/.test(pair)) return { value: Number.parseInt(pair, 16), end: at + 4 }
    const second = pattern.codePointAt(at + 3)
    const width =
      second === undefined || pattern[at + 2] === undefined ? 1 : String.fromCodePoint(second).length
    throw new RegexpError('invalid escape sequence', pattern.slice(at, at + 3 + width))
  }
  let value = 0
  let end = at + 3
  for (; /[0-9a-fA-F]/.test(pattern[end] ?? ''); end += 1) {
    value = value * 16 + Number.parseInt(pattern[end] ?? '', 16)
    if (value > maxRune) throw new RegexpError('invalid escape sequence', pattern.slice(at, end + 1))
  }
  if (pattern[end] === '}' && end > at + 3) return { value, end: end + 1 }
  const bad = pattern.codePointAt(end)
  const width = bad === undefined ? 0 : String.fromCodePoint(bad).length
  throw new RegexpError('invalid escape sequence', pattern.slice(at, end + width))
}

/** `[:alpha:]` or `[:^alpha:]` at `at`, if there. */
function parseNamedClass(pattern: string, at: number): Read<readonly RuneRange[]> | undefined {
  if (!pattern.startsWith('[:', at) || at + 2 >= pattern.length) return undefined
  const close = pattern.indexOf(':]', at + 2)
  if (close < 0) return undefined
  const name = pattern.slice(at + 2, close)
  const ranges = posixClasses.get(name.startsWith('^') ? name.slice(1) : name)
  if (!ranges) throw new RegexpError('invalid character class range', pattern.slice(at, close + 2))
  return { value: name.startsWith('^') ? complement(ranges) : ranges, end: close + 2 }
}

function parseRange(pattern: string, at: number, classStart: number): Read<RuneRange> {
  const low = parseClassRune(pattern, at, classStart)
  if (pattern[low.end] !== '-' || low.end + 1 >= pattern.length || pattern[low.end + 1] === ']') {
    return { value: [low.value, low.value], end: low.end }
  }
  const high = parseClassRune(pattern, low.end + 1, classStart)
  if (high.value < low.value) {
    throw new RegexpError('invalid character class range', pattern.slice(at, high.end))
  }
  return { value: [low.value, high.value], end: high.end }
}

function parseClassRune(pattern: string, at: number, classStart: number): Read<number> {
  const code = pattern.codePointAt(at)
  if (code === undefined) throw new RegexpError('missing closing ]', pattern.slice(classStart))
  if (code === 92) return parseEscape(pattern, at)
  return { value: code, end: at + (code > 0xffff ? 2 : 1) }
}

/** Everything outside of sorted, disjoint ranges. */
export function complement(ranges: readonly RuneRange[]): RuneRange[] {
  const result: RuneRange[] = []
  let next = 0
  for (const [low, high] of ranges) {
    if (low > next) result.push([next, low - 1])
    next = high + 1
  }
  if (next <= maxRune) result.push([next, maxRune])
  return result
}
