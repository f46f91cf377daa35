import { goByteLength, goInt, quote, sprintf } from '@sluice/go'
import { type Item, type ItemKind, isKeyword } from './item.ts'

const leftDelim = '{{'
const rightDelim = '}}'
const leftComment = '/*'
const rightComment = '*/'
const wordStart = /[\p{L}\p{Nd}_]/u
const word = /[\p{L}\p{Nd}_]*/uy
const spaces = /[ \t\r\n]*/y
const trailingSpaces = /[ \t\r\n]*$/

export type LexerOptions = {
  /** Whether `break` and `continue` are keywords; not where functions of these names exist. */
  readonly breakIsKeyword: boolean
  readonly continueIsKeyword: boolean
}

/**
 * Splits a template into items, one at a call.
 *
 * Source: behaviour of https://pkg.go.dev/text/template/parse (Go 1.26).
 */
export class Lexer {
  readonly #input: string
  readonly #options: LexerOptions
  #start = 0
  #at = 0
  /** Line of `#start`; `#countedTo` says up to where line breaks were counted. */
  #line = 1
  #insideAction = false
  #parens = 0
  #failed = false

  constructor(input: string, options: LexerOptions) {
    this.#input = input
    this.#options = options
  }

  /** The next item; `eof` for ever after the last or after an error. */
  next(): Item {
    if (this.#failed) return { kind: 'eof', position: 0, text: 'EOF', line: this.#line }
    return this.#insideAction ? this.#action() : this.#text()
  }

  #text(): Item {
    for (;;) {
      const open = this.#input.indexOf(leftDelim, this.#at)
      if (open < 0) {
        this.#at = this.#input.length
        return this.#at > this.#start ? this.#emit('text') : this.#eof()
      }
      const trims = this.#trimsLeft(open + leftDelim.length)
      const content = this.#input.slice(this.#start, open)
      const trimmed = trims ? (trailingSpaces.exec(content)?.[0].length ?? 0) : 0
      this.#at = open - trimmed
      if (this.#at > this.#start) {
        const item = this.#emit('text')
        this.#at = open
        this.#ignore()
        return item
      }
      this.#at = open
      this.#ignore()
      const item = this.#leftDelim()
      if (item) return item
    }
  }

  /** The opening of an action; nothing after a comment that was skipped. */
  #leftDelim(): Item | undefined {
    this.#at += leftDelim.length
    const marker = this.#trimsLeft(this.#at) ? 2 : 0
    if (this.#input.startsWith(leftComment, this.#at + marker)) {
      this.#at += marker
      this.#ignore()
      return this.#comment()
    }
    const item = this.#emit('leftDelim')
    this.#insideAction = true
    this.#at += marker
    this.#ignore()
    this.#parens = 0
    return item
  }

  #comment(): Item | undefined {
    const close = this.#input.indexOf(rightComment, this.#at + leftComment.length)
    if (close < 0) return this.#error('unclosed comment')
    this.#at = close + rightComment.length
    const end = this.#rightDelimAt(this.#at)
    if (end === undefined) return this.#error('comment ends before closing delimiter')
    this.#skipRightDelim(end)
    return undefined
  }

  #skipRightDelim(trims: boolean): void {
    this.#at += (trims ? 2 : 0) + rightDelim.length
    if (trims) this.#at = this.#skip(spaces)
    this.#ignore()
  }

  #action(): Item {
    const end = this.#rightDelimAt(this.#at)
    if (end !== undefined) return this.#rightDelim(end)
    const char = this.#char(this.#at)
    if (char === '') return this.#error('unclosed action')
    if (isSpace(char)) return this.#space()
    switch (char) {
      case '=':
        return this.#take(1, 'assign')
      case ':':
        if (this.#input[this.#at + 1] !== '=') return this.#error('expected :=')
        return this.#take(2, 'declare')
      case '|':
        return this.#take(1, 'pipe')
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string')
      case "'":
        return this.#quoted("'", 'charConstant', 'unterminated character constant')
      case '`':
        return this.#rawString()
      case '$':
        this.#at += 1
        return this.#fieldOrVariable('variable')
      case '(':
        this.#parens += 1
        return this.#take(1, 'leftParen')
      case ')':
        this.#parens -= 1
        return this.#parens < 0 ? this.#error('unexpected right paren') : this.#take(1, 'rightParen')
      default:
        return this.#other(char)
    }
  }

  #other(char: string): Item {
    const next = this.#input[this.#at + 1]
    if (char === '.' && next !== undefined && !isDigit(next)) {
      this.#at += 1
      return this.#fieldOrVariable('field')
    }
    if (char === '.' || char === '+' || char === '-' || isDigit(char)) return this.#number()
    if (wordStart.test(char)) return this.#identifier()
    if (char > ' ' && char < '\u007f') return this.#take(1, 'char')
    return this.#error(sprintf('unrecognized character in action: %#U', [goInt(codeOf(char))]))
  }

  #rightDelim(trims: boolean): Item {
    if (this.#parens > 0) return this.#error('unclosed left paren')
    if (trims) {
      this.#at += 2
      this.#ignore()
    }
    this.#at += rightDelim.length
    const item = this.#emit('rightDelim')
    if (trims) {
      this.#at = this.#skip(spaces)
      this.#ignore()
    }
    this.#insideAction = false
    return item
  }

  #space(): Item {
    const end = this.#skip(spaces)
    // The last space may be the first character of ` -}}`.
    const marked = this.#input[end] === '-' && this.#input.startsWith(rightDelim, end + 1)
    this.#at = marked ? end - 1 : end
    if (marked && this.#at === this.#start) return this.#rightDelim(true)
    return this.#emit('space')
  }

  #identifier(): Item {
    this.#at = this.#skip(word)
    if (!this.#atTerminator()) return this.#badCharacter()
    const text = this.#input.slice(this.#start, this.#at)
    if (text === 'true' || text === 'false') return this.#emit('bool')
    if (!isKeyword(text)) return this.#emit('identifier')
    if (text === 'break' && !this.#options.breakIsKeyword) return this.#emit('identifier')
    if (text === 'continue' && !this.#options.continueIsKeyword) return this.#emit('identifier')
    return this.#emit(text)
  }

  #fieldOrVariable(kind: 'field' | 'variable'): Item {
    if (this.#atTerminator()) return this.#emit(kind === 'variable' ? kind : '.')
    this.#at = this.#skip(word)
    return this.#atTerminator() ? this.#emit(kind) : this.#badCharacter()
  }

  #badCharacter(): Item {
    return this.#error(sprintf('bad character %#U', [goInt(codeOf(this.#char(this.#at)))]))
  }

  #quoted(mark: string, kind: ItemKind, complaint: string): Item {
    for (let at = this.#at + 1; ; at += 1) {
      let char = this.#input[at]
      if (char === '\\') {
        at += 1
        char = this.#input[at]
        if (char !== undefined && char !== '\n') continue
      }
      if (char === undefined || char === '\n') return this.#error(complaint)
      if (char === mark) return this.#take(at + 1 - this.#at, kind)
    }
  }

  #rawString(): Item {
    const close = this.#input.indexOf('`', this.#at + 1)
    if (close < 0) return this.#error('unterminated raw quoted string')
    return this.#take(close + 1 - this.#at, 'rawString')
  }

  #number(): Item {
    if (!this.#scanNumber()) return this.#badNumber()
    const sign = this.#input[this.#at]
    if (sign !== '+' && sign !== '-') return this.#emit('number')
    if (!this.#scanNumber() || this.#input[this.#at - 1] !== 'i') return this.#badNumber()
    return this.#emit('complex')
  }

  #badNumber(): Item {
    return this.#error(`bad number syntax: ${quote(this.#input.slice(this.#start, this.#at))}`)
  }

  /** Moves over what may be a number; whether it is one is seen when it is parsed. */
  #scanNumber(): boolean {
    this.#accept('+-')
    let digits = '0123456789_'
    if (this.#accept('0')) {
      if (this.#accept('xX')) digits = '0123456789abcdefABCDEF_'
      else if (this.#accept('oO')) digits = '01234567_'
      else if (this.#accept('bB')) digits = '01_'
    }
    this.#acceptRun(digits)
    if (this.#accept('.')) this.#acceptRun(digits)
    const exponent = digits.length === 11 ? 'eE' : digits.length === 23 ? 'pP' : ''
    if (this.#accept(exponent)) {
      this.#accept('+-')
      this.#acceptRun('0123456789_')
    }
    this.#accept('i')
    const next = this.#char(this.#at)
    if (next === '' || !wordStart.test(next)) return true
    this.#at += next.length
    return false
  }

  #accept(chars: string): boolean {
    const char = this.#input[this.#at]
    if (char === undefined || !chars.includes(char)) return false
    this.#at += 1
    return true
  }

  #acceptRun(chars: string): void {
    while (this.#accept(chars));
  }

  #atTerminator(): boolean {
    const char = this.#input[this.#at]
    if (char === undefined || isSpace(char) || '.,|:)('.includes(char)) return true
    return this.#input.startsWith(rightDelim, this.#at)
  }

  #trimsLeft(at: number): boolean {
    return this.#input[at] === '-' && isSpace(this.#input[at + 1] ?? '')
  }

  /** Whether a right delimiter stands at `at`, and then whether it has a trim marker. */
  #rightDelimAt(at: number): boolean | undefined {
    if (this.#input.startsWith(rightDelim, at)) return false
    const marked = isSpace(this.#input[at] ?? '') && this.#input[at + 1] === '-'
    return marked && this.#input.startsWith(rightDelim, at + 2) ? true : undefined
  }

  #char(at: number): string {
    const code = this.#input.codePointAt(at)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  #skip(pattern: RegExp): number {
    pattern.lastIndex = this.#at
    return pattern.test(this.#input) ? pattern.lastIndex : this.#at
  }

  #take(length: number, kind: ItemKind): Item {
    this.#at += length
    return this.#emit(kind)
  }

  #emit(kind: ItemKind): Item {
    const text = this.#input.slice(this.#start, this.#at)
    const item = { kind, position: this.#start, text, line: this.#line }
    this.#ignore()
    return item
  }

  #ignore(): void {
    for (let at = this.#input.indexOf('\n', this.#start); at >= 0 && at < this.#at; ) {
      this.#line += 1
      at = this.#input.indexOf('\n', at + 1)
    }
    this.#start = this.#at
  }

  #eof(): Item {
    return { kind: 'eof', position: this.#at, text: 'EOF', line: this.#line }
  }

  #error(text: string): Item {
    this.#failed = true
    return { kind: 'error', position: this.#start, text, line: this.#line }
  }
}

/** How an item is named in an error message. */
export function describeItem({ kind, text }: Item): string {
  if (kind === 'eof') return 'EOF'
  if (kind === 'error') return text
  if (isKeyword(kind)) return `<${text}>`
  if (goByteLength(text) > 10) return `${quote(Array.from(text).slice(0, 10).join(''))}...`
  return quote(text)
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n'
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9'
}

function codeOf(char: string): number {
  // Go's end of input is the rune -1, which prints as U+FFFFFFFFFFFFFFFF.
  return char.codePointAt(0) ?? -1
}
