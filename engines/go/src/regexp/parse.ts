import { literal, maxRune, type ParsedRegexp, type RegexpNode, type RuneClass } from './node.ts'
import {
  parseBracketClass,
  parseEscape,
  parsePerlClass,
  parseUnicodeGroup,
  type Read,
} from './parse-class.ts'
import { checkSize, maxHeight } from './size.ts'
import { RegexpError } from './syntax-error.ts'

/** What `(?ims-U)` sets. */
type Flags = {
  readonly fold: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly lazy: boolean
}

/** A group whose `)` has not come yet. */
type Frame = {
  readonly captures: boolean
  readonly flagsOutside: Flags
  readonly branches: RegexpNode[][]
  items: RegexpNode[]
}

const noFlags: Flags = { fold: false, multiline: false, dotAll: false, lazy: false }
const maxRepeat = 1_000

/**
 * Parses a pattern as Go does.
 *
 * Source: https://pkg.go.dev/regexp/syntax, Go 1.26.
 * @throws {RegexpError}
 */
export function parseRegexp(pattern: string): ParsedRegexp {
  return new Parser(pattern).parse()
}

class Parser {
  readonly #pattern: string
  #at = 0
  #flags = noFlags
  readonly #names = ['']
  readonly #outer: Frame[] = []
  #frame: Frame = newFrame(false, noFlags)
  /** Where the operator that ended just before the cursor begins, -1 without one. */
  #repeatStart = -1

  constructor(pattern: string) {
    if (/[\ud800-\udfff]/u.test(pattern)) throw new RegexpError('invalid UTF-8', pattern)
    this.#pattern = pattern
  }

  parse(): ParsedRegexp {
    const pattern = this.#pattern
    while (this.#at < pattern.length) {
      const start = this.#at
      const repeated = this.#item(pattern[start] ?? '')
      this.#repeatStart = repeated ? start : -1
    }
    if (this.#outer.length > 0) throw new RegexpError('missing closing )', pattern)
    const root = closeFrame(this.#frame)
    checkSize(root, pattern)
    return { root, names: this.#names }
  }

  /** Reads one item; true when it was a repetition operator. */
  #item(first: string): boolean {
    switch (first) {
      case '(':
        this.#openGroup()
        return false
      case ')':
        this.#closeGroup()
        return false
      case '|':
        this.#frame.branches.push(this.#frame.items)
        this.#frame.items = []
        this.#at += 1
        return false
      case '*':
        this.#repeat({ min: 0, max: -1, end: this.#at + 1 })
        return true
      case '+':
        this.#repeat({ min: 1, max: -1, end: this.#at + 1 })
        return true
      case '?':
        this.#repeat({ min: 0, max: 1, end: this.#at + 1 })
        return true
      case '{':
        return this.#counted()
      case '\\':
        this.#escape()
        return false
      default:
        this.#simple(first)
        return false
    }
  }

  #simple(first: string): void {
    const { fold, multiline, dotAll } = this.#flags
    if (first === '[') {
      this.#push(parseBracketClass(this.#pattern, this.#at, fold))
    } else if (first === '^') {
      this.#push(this.#single({ kind: 'assertion', at: multiline ? 'begin-line' : 'begin-text' }))
    } else if (first === '$') {
      this.#push(this.#single({ kind: 'assertion', at: multiline ? 'end-line' : 'end-text' }))
    } else if (first === '.') {
      this.#push(this.#single(dotAll ? anyRune : anyButNewline))
    } else {
      const rune = this.#pattern.codePointAt(this.#at) ?? 0
      this.#push({ value: literal(rune, fold), end: this.#at + (rune > 0xffff ? 2 : 1) })
    }
  }

  #single(value: RegexpNode): Read<RegexpNode> {
    return { value, end: this.#at + 1 }
  }

  #push({ value, end }: Read<RegexpNode>): void {
    this.#frame.items.push(value)
    this.#at = end
  }

  #escape(): void {
    const pattern = this.#pattern
    const at = this.#at
    const { fold } = this.#flags
    const letter = pattern[at + 1] ?? ''
    const assertion = assertions.get(letter)
    if (assertion) return this.#push({ value: assertion, end: at + 2 })
    if (letter === 'C') throw new RegexpError('invalid escape sequence', '\\C')
    if (letter === 'Q') return this.#quoted()
    const group = parseUnicodeGroup(pattern, at)
    if (group) {
      const value: RuneClass = {
        kind: 'class',
        ranges: [],
        groups: [group.value],
        negated: false,
        folds: fold,
      }
      return this.#push({ value, end: group.end })
    }
    const perl = parsePerlClass(pattern, at)
    if (perl) {
      const value: RuneClass = { kind: 'class', ranges: perl.value, groups: [], negated: false, folds: fold }
      return this.#push({ value, end: perl.end })
    }
    const { value, end } = parseEscape(pattern, at)
    this.#push({ value: literal(value, fold), end })
  }

  /** `\Q…\E`: literal text up to the end mark or the end. */
  #quoted(): void {
    const from = this.#at + 2
    const close = this.#pattern.indexOf('\\E', from)
    const text = this.#pattern.slice(from, close < 0 ? undefined : close)
    for (const character of text) {
      this.#frame.items.push(literal(character.codePointAt(0) ?? 0, this.#flags.fold))
    }
    this.#at = close < 0 ? this.#pattern.length : close + 2
  }

  #counted(): boolean {
    const form = /^\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}/.exec(this.#pattern.slice(this.#at))
    if (!form) {
      this.#push(this.#single(literal(123, this.#flags.fold)))
      return false
    }
    const [text, least = '', comma, most] = form
    const min = Number(least)
    const max = comma === undefined ? min : most === undefined ? -1 : Number(most)
    if (min > maxRepeat || max > maxRepeat || (max >= 0 && min > max)) {
      throw new RegexpError('invalid repeat count', text)
    }
    this.#repeat({ min, max, end: this.#at + text.length })
    return true
  }

  #repeat({
    min,
    max,
    end: operatorEnd,
  }: {
    readonly min: number
    readonly max: number
    readonly end: number
  }): void {
    const pattern = this.#pattern
    const swaps = pattern[operatorEnd] === '?'
    const end = swaps ? operatorEnd + 1 : operatorEnd
    if (this.#repeatStart >= 0) {
      throw new RegexpError('invalid nested repetition operator', pattern.slice(this.#repeatStart, end))
    }
    const operator = pattern.slice(this.#at, end)
    const body = this.#frame.items.pop()
    if (!body) throw new RegexpError('missing argument to repetition operator', operator)
    const node = { kind: 'repeat', body, min, max, greedy: swaps === this.#flags.lazy } as const
    if ((min >= 2 || max >= 2) && !repeatsAtMost(node, maxRepeat)) {
      throw new RegexpError('invalid repeat count', operator)
    }
    this.#push({ value: node, end })
  }

  #openGroup(): void {
    const pattern = this.#pattern
    if (pattern[this.#at + 1] !== '?') {
      this.#names.push('')
      return this.#enter(true, this.#at + 1)
    }
    const named = /^\(\?(P?)</.exec(pattern.slice(this.#at, this.#at + 4))
    // Go wants at least one more character before it takes this for a name.
    if (named && this.#at + named[0].length < pattern.length) return this.#openNamed(named[0].length)
    this.#flagGroup()
  }

  #openNamed(prefixLength: number): void {
    const pattern = this.#pattern
    const close = pattern.indexOf('>', this.#at)
    if (close < 0) throw new RegexpError('invalid named capture', pattern.slice(this.#at))
    const name = pattern.slice(this.#at + prefixLength, close)
    if (!/^[A-Za-z0-9_]+$/.test(name)) {
      throw new RegexpError('invalid named capture', pattern.slice(this.#at, close + 1))
    }
    this.#names.push(name)
    this.#enter(true, close + 1)
  }

  #enter(captures: boolean, end: number): void {
    this.#outer.push(this.#frame)
    // Before anything recurses into what is read.
    if (this.#outer.length > maxHeight) throw new RegexpError('expression nests too deeply', this.#pattern)
    this.#frame = newFrame(captures, this.#flags)
    this.#at = end
  }

  /** `(?i)`, `(?i-s:…)`, `(?:…)`. */
  #flagGroup(): void {
    const pattern = this.#pattern
    let flags = this.#flags
    let on = true
    let sawFlag = false
    let at = this.#at + 2
    for (; at < pattern.length; at += 1) {
      const letter = pattern[at] ?? ''
      if (flagNames.has(letter)) {
        flags = withFlag(flags, letter, on)
        sawFlag = true
      } else if (letter === '-' && on) {
        on = false
        sawFlag = false
      } else if ((letter === ':' || letter === ')') && (on || sawFlag)) {
        if (letter === ':') this.#enter(false, at + 1)
        this.#at = at + 1
        this.#flags = flags
        return
      } else {
        at += (pattern.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
        break
      }
    }
    throw new RegexpError('invalid or unsupported Perl syntax', pattern.slice(this.#at, at))
  }

  #closeGroup(): void {
    const outer = this.#outer.pop()
    if (!outer) throw new RegexpError('unexpected )', this.#pattern)
    const { captures, flagsOutside } = this.#frame
    const body = closeFrame(this.#frame)
    this.#frame = outer
    this.#flags = flagsOutside
    this.#push(this.#single(captures ? { kind: 'capture', body } : body))
  }
}

const flagNames: ReadonlySet<string> = new Set(['i', 'm', 's', 'U'])
const assertions: ReadonlyMap<string, RegexpNode> = new Map([
  ['A', { kind: 'assertion', at: 'begin-text' }],
  ['z', { kind: 'assertion', at: 'end-text' }],
  ['b', { kind: 'assertion', at: 'boundary' }],
  ['B', { kind: 'assertion', at: 'no-boundary' }],
])
const anyRune: RuneClass = { kind: 'class', ranges: [[0, maxRune]], groups: [], negated: false, folds: false }
const anyButNewline: RuneClass = { ...literal(10, false), negated: true }

function withFlag(flags: Flags, letter: string, on: boolean): Flags {
  switch (letter) {
    case 'i':
      return { ...flags, fold: on }
    case 'm':
      return { ...flags, multiline: on }
    case 's':
      return { ...flags, dotAll: on }
    default:
      return { ...flags, lazy: on }
  }
}

function newFrame(captures: boolean, flagsOutside: Flags): Frame {
  return { captures, flagsOutside, branches: [], items: [] }
}

function closeFrame({ branches, items }: Frame): RegexpNode {
  const all = [...branches, items].map(concat)
  const [only] = all
  return all.length === 1 && only ? only : { kind: 'alternate', items: all }
}

function concat(items: readonly RegexpNode[]): RegexpNode {
  const [only] = items
  return items.length === 1 && only ? only : { kind: 'concat', items }
}

/** Whether repetitions within repetitions multiply to `limit` at most. */
function repeatsAtMost(node: RegexpNode, limit: number): boolean {
  switch (node.kind) {
    case 'repeat': {
      if (node.max === 0) return true
      const count = node.max < 0 ? node.min : node.max
      if (count > limit) return false
      return repeatsAtMost(node.body, count > 0 ? Math.floor(limit / count) : limit)
    }
    case 'capture':
      return repeatsAtMost(node.body, limit)
    case 'concat':
    case 'alternate':
      return node.items.every((item) => repeatsAtMost(item, limit))
    case 'class':
    case 'assertion':
      return true
  }
}
