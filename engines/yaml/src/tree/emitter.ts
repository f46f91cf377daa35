import { isBlankOrEnd, isBreak } from '../scan/characters.ts'
import type { ScalarDialect } from './resolve-tag.ts'

/** How a scalar is finally written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** What stands around a scalar. */
export type ScalarContext = {
  readonly inFlow: boolean
  /** A key without `?` before it: written in one line. */
  readonly simpleKey: boolean
}

/** What of a text decides how it can be written. */
type Analysis = {
  readonly multiline: boolean
  readonly flowPlain: boolean
  readonly blockPlain: boolean
  readonly single: boolean
  readonly block: boolean
}

const anyBreak = /[\n\r\u0085\u2028\u2029]/
const harmless = /^[A-Za-z0-9_/][A-Za-z0-9_./=+-]*$/
const harmlessAnalysis: Analysis = {
  multiline: false,
  flowPlain: true,
  blockPlain: true,
  single: true,
  block: true,
}
const emptyAnalysis: Analysis = { ...harmlessAnalysis, flowPlain: false, block: false }
/** What cannot begin a plain scalar anywhere. */
const startIndicators = new Set('#,[]{}&*!|>\'"%@`'.split(''))
const escapeLetters = new Map<string, string>([
  ['\0', '0'],
  ['\u0007', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\u001b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\u0085', 'N'],
  ['\u00a0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
])
const needsEscape = /["\\\n\r\u0085\u2028\u2029]|[^\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u

/**
 * Writes scalars as libyaml's emitter does, and keeps where in the line it is.
 *
 * Source: go-yaml v3.0.4 and v2.4.4, emitterc.go; the dialects differ in tabs and in the width of lines.
 */
export class Emitter {
  column = 0
  /** Whether the last character written separates words. */
  whitespace = true
  /** Whether the line has only indentation and indicators so far. */
  indention = true
  indent = -1
  /** Indentation of the foot comment just written: an empty line follows it. */
  footIndent = -1
  /** Finished lines, and the one being written: joining lines at the end is cheaper than adding to one text. */
  private readonly lines: string[] = []
  private current = ''
  private readonly dialect: ScalarDialect
  private readonly width: number

  constructor(dialect: ScalarDialect) {
    this.dialect = dialect
    this.width = dialect === 'v2' ? 80 : Number.POSITIVE_INFINITY
  }

  get text(): string {
    return this.lines.join('') + this.current
  }

  put(text: string): void {
    this.current += text
    this.column += text.length
  }

  putBreak(): void {
    this.lines.push(`${this.current}\n`)
    this.current = ''
    this.column = 0
    this.indention = true
  }

  writeIndent(): void {
    const indent = Math.max(this.indent, 0)
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) {
      this.putBreak()
    }
    if (this.footIndent === indent) this.putBreak()
    if (this.column < indent) this.put(' '.repeat(indent - this.column))
    this.whitespace = true
    this.footIndent = -1
  }

  writeIndicator(text: string, separate: boolean): void {
    if (separate && !this.whitespace) this.put(' ')
    this.put(text)
    this.whitespace = false
    this.indention = false
  }

  /** The style that `wanted` becomes for `value` in its place. */
  selectStyle(value: string, wanted: ScalarStyle, { inFlow, simpleKey }: ScalarContext): ScalarStyle {
    const can = this.analyze(value)
    let style = simpleKey && can.multiline ? 'double' : wanted
    if (style === 'plain') {
      const allowed = inFlow ? can.flowPlain : can.blockPlain
      if (!allowed || (value === '' && (inFlow || simpleKey))) style = 'single'
    }
    if (style === 'single' && !can.single) style = 'double'
    if ((style === 'literal' || style === 'folded') && (!can.block || inFlow || simpleKey)) style = 'double'
    return style
  }

  isMultiline(value: string): boolean {
    return this.analyze(value).multiline
  }

  /** Writes `value` in a style that {@link selectStyle} gave; `breakable` allows to fold long lines. */
  writeScalar(value: string, style: ScalarStyle, breakable: boolean): void {
    switch (style) {
      case 'plain':
        return this.writePlain(value, breakable)
      case 'single':
        return this.writeSingle(value, breakable)
      case 'double':
        return this.writeDouble(value, breakable)
      case 'literal':
      case 'folded':
        this.writeBlockHeader(value, style)
        this.putBreak()
        return this.writeBlock(value, style)
    }
  }

  /** The `|` or `>` with its hints, without the line break. */
  writeBlockHeader(value: string, style: 'literal' | 'folded'): void {
    this.writeIndicator(style === 'literal' ? '|' : '>', true)
    const first = value.charCodeAt(0)
    if (first === 32 || isBreak(first)) this.put('2')
    if (value === '' || !isBreak(value.charCodeAt(value.length - 1))) this.put('-')
    else if (value.length === 1 || isBreak(value.charCodeAt(value.length - 2))) this.put('+')
  }

  writeBlock(value: string, style: 'literal' | 'folded'): void {
    this.whitespace = true
    if (style === 'literal') this.writeLiteralLines(value)
    else this.writeFoldedLines(value)
  }

  private analyze(value: string): Analysis {
    if (value === '') return emptyAnalysis
    if (harmless.test(value)) return harmlessAnalysis
    return analyzeText(value, this.dialect)
  }

  private writePlain(value: string, breakable: boolean): void {
    if (value !== '' && !this.whitespace) this.put(' ')
    if (breakable && this.column + value.length > this.width && value.includes(' ')) {
      this.writeFoldable(value, false)
    } else {
      this.put(value)
    }
    // The older emitter marks a space even after nothing.
    if (value !== '' || this.dialect === 'v2') this.whitespace = false
    this.indention = false
  }

  private writeSingle(value: string, breakable: boolean): void {
    this.writeIndicator("'", true)
    const text = value.replaceAll("'", "''")
    if (anyBreak.test(value) || (breakable && this.column + text.length > this.width)) {
      this.writeFoldable(value, true, breakable)
    } else {
      this.put(text)
    }
    this.put("'")
    this.whitespace = false
    this.indention = false
  }

  /** Plain or single-quoted text with line breaks doubled and long lines broken at single spaces. */
  private writeFoldable(value: string, quoted: boolean, breakable = true): void {
    let spaces = false
    let breaks = false
    const last = value.length - 1
    for (let i = 0; i <= last; i += 1) {
      const code = value.charCodeAt(i)
      if (code === 32) {
        const foldable = breakable && !spaces && this.column > this.width && value.charCodeAt(i + 1) !== 32
        if (foldable && (!quoted || (i > 0 && i < last))) this.writeIndent()
        else this.put(' ')
        spaces = true
      } else if (isBreak(code)) {
        if (!breaks && code === 10) this.putBreak()
        this.writeBreak(value.charAt(i))
        breaks = true
      } else {
        if (breaks) this.writeIndent()
        if (quoted && code === 39) this.put("'")
        this.putUnit(value, i, code)
        this.indention = false
        spaces = false
        breaks = false
      }
    }
  }

  private writeDouble(value: string, breakable: boolean): void {
    this.writeIndicator('"', true)
    if (!needsEscape.test(value) && !(breakable && this.column + value.length > this.width)) {
      this.put(value)
    } else {
      this.writeEscaped(value, breakable)
    }
    this.put('"')
    this.whitespace = false
    this.indention = false
  }

  private writeEscaped(value: string, breakable: boolean): void {
    // go-yaml takes every character for a byte order mark when the text begins with one.
    const escapesAll = value.startsWith('\ufeff')
    let spaces = false
    let at = 0
    for (const character of value) {
      const end = at + character.length
      if (character === ' ' && !escapesAll) {
        const foldable = breakable && !spaces && this.column > this.width && at > 0 && end < value.length
        if (foldable) {
          this.writeIndent()
          if (value.charAt(end) === ' ') this.put('\\')
        } else {
          this.put(' ')
        }
        spaces = true
      } else {
        const escapes = escapesAll || needsEscape.test(character)
        this.put(escapes ? escapeCharacter(character) : character)
        spaces = false
      }
      at = end
    }
  }

  private writeLiteralLines(value: string): void {
    let start = 0
    let breaks = true
    for (let i = 0; i <= value.length; i += 1) {
      const code = value.charCodeAt(i)
      if (i < value.length && !isBreak(code)) continue
      if (i > start) {
        if (breaks) this.writeIndent()
        this.put(value.slice(start, i))
        this.indention = false
        breaks = false
      }
      if (i < value.length) this.writeBreak(value.charAt(i))
      breaks = true
      start = i + 1
    }
  }

  private writeFoldedLines(value: string): void {
    // As go-yaml has it, what begins the whole text decides whether breaks are doubled.
    let first = 0
    while (isBreak(value.charCodeAt(first))) first += 1
    const doubles = first < value.length && !isBlankOrEnd(value.charCodeAt(first))
    let breaks = true
    let leadingSpaces = true
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i)
      if (isBreak(code)) {
        if (!breaks && !leadingSpaces && code === 10 && doubles) this.putBreak()
        this.writeBreak(value.charAt(i))
        breaks = true
        continue
      }
      if (breaks) {
        this.writeIndent()
        leadingSpaces = code === 32 || code === 9
      }
      const foldable = !breaks && code === 32 && value.charCodeAt(i + 1) !== 32 && this.column > this.width
      if (foldable) this.writeIndent()
      else this.putUnit(value, i, code)
      this.indention = false
      breaks = false
    }
  }

  private writeBreak(character: string): void {
    if (character === '\n') {
      this.putBreak()
      return
    }
    this.current += character
    this.column = 0
    this.indention = true
  }

  private putUnit(value: string, at: number, code: number): void {
    this.current += value.charAt(at)
    // The second half of a surrogate pair is no column of its own.
    if (code < 0xdc00 || code > 0xdfff) this.column += 1
  }
}

function escapeCharacter(character: string): string {
  const letter = escapeLetters.get(character)
  if (letter !== undefined) return `\\${letter}`
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

function analyzeText(value: string, dialect: ScalarDialect): Analysis {
  const marker = value.startsWith('---') || value.startsWith('...')
  const indicators = findIndicators(value)
  const multiline = anyBreak.test(value)
  const breakSpace = multiline && /[\n\r\u0085\u2028\u2029] /.test(value)
  const spaceBreak = multiline && / [\n\r\u0085\u2028\u2029]/.test(value)
  const tab = value.includes('\t')
  const special = unprintable.test(value) || (dialect === 'v2' && tab)
  const edge = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(value)
  const single = !(breakSpace || spaceBreak || special || tab)
  const plain = single && !edge && !multiline
  return {
    multiline,
    flowPlain: plain && !marker && !indicators.flow,
    blockPlain: plain && !marker && !indicators.block,
    single,
    block: !value.endsWith(' ') && !spaceBreak && !special,
  }
}

/** What libyaml does not take for printable; tabs and breaks are judged apart. */
const unprintable = /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u

function findIndicators(value: string): { flow: boolean; block: boolean } {
  let flow = false
  let block = false
  for (let i = 0; i < value.length; i += 1) {
    const character = value.charAt(i)
    if (i === 0 && startIndicators.has(character)) return { flow: true, block: true }
    switch (character) {
      case ':':
        flow = true
        if (isEndOrBlank(value, i + 1)) block = true
        break
      case '-':
        if (i === 0 && isEndOrBlank(value, i + 1)) return { flow: true, block: true }
        break
      case '?':
        flow = true
        if (i === 0 && isEndOrBlank(value, i + 1)) block = true
        break
      case ',':
      case '[':
      case ']':
      case '{':
      case '}':
        flow = true
        break
      case '#':
        if (isBlankOrEnd(value.charCodeAt(i - 1))) return { flow: true, block: true }
        break
      default:
    }
  }
  return { flow, block }
}

function isEndOrBlank(value: string, at: number): boolean {
  const code = value.charCodeAt(at)
  return at >= value.length || code === 32 || code === 9
}
