import { GoError, type GoValue, goInt, quote, quoteRune, runeString, sprintf } from '@sluice/go'
import { dateValue, floatValue, integerValue } from './scalars.ts'
import { KeyConflict, Tables } from './tables.ts'
import { TomlError } from './toml-error.ts'

const maxDepth = 500
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/gu
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  ['"', '"'],
  ['\\', '\\'],
])
/** How many digits an escape by number has. */
const hexDigits: ReadonlyMap<string, { readonly name: string; readonly count: number }> = new Map([
  ['x', { name: 'two', count: 2 }],
  ['u', { name: 'four', count: 4 }],
  ['U', { name: 'eight', count: 8 }],
])

/**
 * Reads TOML: integers are int64, dates and times time.Time, arrays of tables a type of their own.
 *
 * Source: behaviour and messages of github.com/BurntSushi/toml 1.6.0, Unmarshal into `map[string]interface {}`
 * @throws {TomlError}
 */
export function parseToml(text: string): GoValue {
  return new TomlReader(text).read()
}

/** Where the first character is that TOML does not allow: controls, and a return without a line feed. */
function indexOfBad(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const isLoneReturn = code === 13 && text.charCodeAt(at + 1) !== 10
    const isControl = (code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0x7f
    if (isControl || isLoneReturn) return at
  }
  return -1
}

class TomlReader {
  /** The text up to a character that may not be; reading on from there is an error. */
  readonly #text: string
  readonly #bad: number
  readonly #badCode: number
  readonly #tables = new Tables()
  #at = 0
  /** Line of the key that is read. */
  #keyLine = 1
  #depth = 0

  constructor(text: string) {
    this.#bad = indexOfBad(text)
    this.#text = this.#bad < 0 ? text : text.slice(0, this.#bad)
    this.#badCode = text.charCodeAt(this.#bad)
  }

  read(): GoValue {
    for (;;) {
      this.#skipBlank(true)
      if (this.#at >= this.#text.length) {
        if (this.#bad >= 0) throw this.#error('')
        return this.#tables.root
      }
      if (this.#take('[')) this.#header()
      else this.#keyValue()
      this.#endOfLine()
    }
  }

  #header(): void {
    const isArray = this.#take('[')
    const key: string[] = []
    this.#keyLine = this.#line()
    for (;;) {
      this.#skipBlank(false)
      const char = this.#text[this.#at]
      if (char === ']' || char === undefined) {
        throw this.#error('unexpected end of table name (table names cannot be empty)')
      }
      if (char === '.') throw this.#error('unexpected table separator (table names cannot be empty)')
      key.push(this.#keyPart())
      this.#skipBlank(false)
      if (this.#take('.')) continue
      if (this.#take(']')) break
      throw this.#error(`expected '.' or ']' to end table name, but got ${this.#shown()} instead`)
    }
    if (isArray && !this.#take(']')) {
      throw this.#error(`expected end of table array name delimiter ']', but got ${this.#shown()} instead`)
    }
    this.#conflicts(() => this.#tables.open(key, isArray))
  }

  #keyValue(): void {
    const { context } = this.#tables
    this.#keyLine = this.#line()
    const key = this.#key()
    this.#tables.currentKey = key.at(-1) ?? ''
    this.#conflicts(() => this.#tables.enter(key.slice(0, -1)))
    const value = this.#value()
    this.#conflicts(() => this.#tables.set(this.#tables.currentKey, value))
    this.#tables.context = context
    this.#tables.currentKey = ''
  }

  #key(): string[] {
    this.#skipBlank(false)
    const char = this.#text[this.#at]
    if (char === '=' || char === undefined) throw this.#error("unexpected '=': key name appears blank")
    if (char === '.') throw this.#error("unexpected '.': keys cannot start with a '.'")
    const key: string[] = []
    for (;;) {
      this.#skipBlank(false)
      this.#checkNextPart(key)
      key.push(this.#keyPart())
      this.#skipBlank(false)
      if (this.#take('=')) return key
      if (this.#take('.')) continue
      if (this.#at >= this.#text.length) throw this.#error("unexpected EOF; expected key separator '='")
      throw this.#error(`expected '.' or '=', but got ${this.#shown()} instead`)
    }
  }

  /** After a dot a part must follow. */
  #checkNextPart(before: readonly string[]): void {
    if (before.length === 0) return
    const char = this.#text[this.#at]
    if (char === undefined || char === '=') throw this.#error("unexpected '='")
    if (char === '.') throw this.#error("unexpected '.'")
  }

  #keyPart(): string {
    if (this.#take('"')) return this.#basicString()
    if (this.#take("'")) return this.#rawString()
    return this.#run(/[A-Za-z0-9_-]*/y)
  }

  #value(): GoValue {
    this.#skipSpaces()
    const char = this.#text[this.#at]
    if (char === undefined) throw this.#error('unexpected EOF; expected value')
    if (char === '[') return this.#nested(() => this.#array())
    if (char === '{') return this.#nested(() => this.#inlineTable())
    if (char === '"' || char === "'") return this.#string(char)
    if (char === '.') throw this.#error("floats must start with a digit, not '.'")
    if (/[0-9+-]/.test(char)) return this.#beforeBad(this.#number())
    if (/\p{L}/u.test(char)) return this.#beforeBad(this.#word())
    throw this.#error(`expected value but found ${this.#shown()} instead`)
  }

  /** Numbers and words end where the next character is seen. */
  #beforeBad(value: GoValue): GoValue {
    if (this.#bad >= 0 && this.#at >= this.#text.length) throw this.#error('')
    return value
  }

  #word(): GoValue {
    const word = this.#run(/\p{L}*/uy)
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'inf' || word === 'nan') return this.#scalar(() => floatValue(word))
    throw this.#error(`expected value but found ${quote(word)} instead`)
  }

  #number(): GoValue {
    const start = this.#at
    const sign = this.#run(/[+-]/y)
    if (sign !== '' && /[in]/.test(this.#text[this.#at] ?? '')) {
      const word = this.#run(/i(?:nf?)?|n(?:an?)?/y)
      if (word !== 'inf' && word !== 'nan') throw this.#error(`invalid float: '${sign}${word}'`)
      return this.#scalar(() => floatValue(sign + word))
    }
    this.#checkDigits(sign)
    const based = this.#run(/0b[01_]*|0o[0-7_]*|0x[0-9a-fA-F_]*/y)
    if (based !== '') return this.#basedInteger(based)
    this.#run(/[0-9]*/y)
    const next = this.#text[this.#at] ?? ''
    if (sign === '' && (next === '-' || next === ':')) {
      this.#run(/[-0-9:Tt .Zz+]*/y)
      const text = this.#text.slice(start, this.#at).replace(/ +$/, '')
      return this.#scalar(() => dateValue(text))
    }
    this.#run(/[0-9_]*/y)
    const isFloat = /[.eE]/.test(this.#text[this.#at] ?? '')
    if (isFloat) this.#run(/[-0-9_.+eE]*/y)
    const text = this.#text.slice(start, this.#at)
    return this.#scalar(() => (isFloat ? floatValue(text) : integerValue(text)))
  }

  #checkDigits(sign: string): void {
    if (sign === '') return
    const char = this.#text[this.#at] ?? ''
    if (char === '.') throw this.#error("floats must start with a digit, not '.'")
    const base = /^0[box]/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0]
    if (base) throw this.#error(`cannot use sign with non-decimal numbers: '${sign}${base}'`)
    if (!/[0-9]/.test(char)) throw this.#error(`expected a digit but got ${this.#shown()}`)
  }

  #basedInteger(text: string): GoValue {
    if (text.length > 2 && text[2] !== '_') return this.#scalar(() => integerValue(text))
    const name = text[1] === 'b' ? 'a binary' : text[1] === 'o' ? 'an octal' : 'a hexadecimal'
    const next = text[2] ?? this.#text[this.#at] ?? '\0'
    throw this.#error(`not ${name} number: '${text.slice(0, 2)}${next}'`)
  }

  #array(): GoValue {
    this.#at += 1
    const items: GoValue[] = []
    for (;;) {
      this.#skipBlank(true)
      if (this.#take(']')) return items
      if (this.#text[this.#at] === ',') throw this.#error('unexpected comma')
      items.push(this.#value())
      this.#skipBlank(true)
      if (this.#take(']')) return items
      if (!this.#take(',')) {
        throw this.#error(`expected a comma (',') or array terminator (']'), but got ${this.#shownPlain()}`)
      }
    }
  }

  #inlineTable(): GoValue {
    this.#at += 1
    const outer = this.#tables
    const saved = { context: outer.context, currentKey: outer.currentKey }
    const prefix = [...saved.context, saved.currentKey]
    const inner = new Tables(prefix)
    for (;;) {
      this.#skipBlank(true)
      if (this.#take('}')) break
      if (this.#text[this.#at] === ',') throw this.#error('unexpected comma')
      this.#inlineEntry(inner, prefix)
      this.#skipBlank(true)
      if (this.#text[this.#at] === '}' || this.#take(',')) continue
      const found = this.#shownPlain()
      throw this.#error(`expected a comma or an inline table terminator '}', but got ${found} instead`)
    }
    Object.assign(outer, saved)
    return inner.root
  }

  #inlineEntry(inner: Tables, prefix: readonly string[]): void {
    const key = this.#key()
    const last = key.at(-1) ?? ''
    this.#tables.context = [...prefix, ...key.slice(0, -1)]
    this.#tables.currentKey = last
    const value = this.#value()
    inner.context = []
    this.#conflicts(() => {
      inner.enter(key.slice(0, -1))
      inner.set(last, value)
    })
  }

  #string(mark: '"' | "'"): string {
    const triple = mark.repeat(3)
    if (!this.#text.startsWith(triple, this.#at)) {
      this.#at += 1
      return mark === '"' ? this.#basicString() : this.#rawString()
    }
    this.#at += 3
    const start = this.#at
    while (this.#at < this.#text.length) {
      if (mark === '"' && this.#text[this.#at] === '\\') this.#skipEscape(start, true)
      else if (this.#text.startsWith(triple, this.#at)) return this.#longString(start, mark)
      else this.#at += 1
    }
    throw this.#error(`unexpected EOF; expected ${mark === '"' ? `'"""'` : `"'''"`}`)
  }

  /** Up to two quotes may stand before the three that end the string. */
  #longString(start: number, mark: '"' | "'"): string {
    let end = this.#at
    while (this.#text[end + 3] === mark && end < this.#at + 2) end += 1
    if (this.#text[end + 3] === mark) {
      throw this.#error(mark === '"' ? `unexpected '""""""'` : `unexpected "''''''"`)
    }
    this.#at = end + 3
    const inner = this.#text.slice(start, end).replace(/^\r?\n/, '')
    return mark === "'" ? inner : this.#unescape(inner.replaceAll(/\\[ \t]*\r?\n[ \t\r\n]*/g, ''))
  }

  #basicString(): string {
    const start = this.#at
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) throw this.#error(`unexpected EOF; expected '"'`)
      if (char === '\n' || char === '\r') throw this.#error('strings cannot contain newlines')
      if (char === '"') break
      if (char === '\\') this.#skipEscape(start, false)
      else this.#at += 1
    }
    const text = this.#unescape(this.#text.slice(start, this.#at))
    this.#at += 1
    return text
  }

  /** Moves over an escape. In long strings a backslash may also end a line. */
  #skipEscape(start: number, isLong: boolean): void {
    this.#at += 1
    const kind = this.#text[this.#at] ?? ''
    const digits = hexDigits.get(kind)
    this.#at += 1
    if (digits) {
      for (let count = 0; count < digits.count; count += 1, this.#at += 1) {
        if (/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) continue
        const got = quote(this.#text.slice(start, this.#at + 1))
        throw this.#error(
          `expected ${digits.name} hexadecimal digits after '\\${kind}', but got ${got} instead`,
        )
      }
    } else if (!simpleEscapes.has(kind) && !' \t'.includes(kind) && !(isLong && '\r\n'.includes(kind))) {
      throw this.#error(`invalid escape in string '\\${kind}'`)
    }
  }

  #rawString(): string {
    const start = this.#at
    for (; ; this.#at += 1) {
      const char = this.#text[this.#at]
      if (char === undefined) throw this.#error(`unexpected EOF; expected "'"`)
      if (char === '\n' || char === '\r') throw this.#error('strings cannot contain newlines')
      if (char === "'") break
    }
    this.#at += 1
    return this.#text.slice(start, this.#at - 1)
  }

  #unescape(text: string): string {
    return text.replaceAll(escape, (_, ...[x, u, long, char]: (string | undefined)[]) => {
      const digits = x ?? u ?? long
      if (digits === undefined) return simpleEscapes.get(char ?? '') ?? `\\${char}`
      const code = Number.parseInt(digits, 16)
      const shown = runeString(code)
      if (shown.codePointAt(0) === code) return shown
      throw this.#error(`Escaped character '\\u${digits}' is not valid UTF-8.`)
    })
  }

  #endOfLine(): void {
    this.#skipSpaces()
    this.#comment()
    const char = this.#text[this.#at]
    if (char === undefined || char === '\n' || char === '\r') return
    throw this.#error(
      `expected a top-level item to end with a newline, comment, or EOF, but got ${this.#shown()} instead`,
    )
  }

  #skipBlank(overLines: boolean): void {
    for (;;) {
      this.#skipSpaces()
      if (!overLines) return
      this.#comment()
      if (!this.#take('\n') && !this.#take('\r')) return
    }
  }

  #skipSpaces(): void {
    this.#run(/[ \t]*/y)
  }

  #comment(): void {
    if (this.#text[this.#at] === '#') this.#run(/[^\r\n]*/y)
  }

  #run(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  #nested(read: () => GoValue): GoValue {
    if (this.#depth >= maxDepth) throw this.#error(`values are nested deeper than ${maxDepth} levels`)
    this.#depth += 1
    const value = read()
    this.#depth -= 1
    return value
  }

  #scalar(read: () => GoValue): GoValue {
    try {
      return read()
    } catch (cause) {
      if (cause instanceof GoError) throw this.#error(cause.message)
      throw cause
    }
  }

  #conflicts(run: () => void): void {
    try {
      run()
    } catch (cause) {
      if (cause instanceof KeyConflict) {
        throw new TomlError(this.#keyLine, this.#tables.lastKey, cause.message)
      }
      throw cause
    }
  }

  /** The next character as a Go literal; the end is a zero. */
  #shown(): string {
    return quoteRune(this.#text.codePointAt(this.#at) ?? 0)
  }

  #shownPlain(): string {
    const code = this.#text.codePointAt(this.#at)
    return code === undefined ? 'end of file' : `'${String.fromCodePoint(code)}'`
  }

  #error(message: string): TomlError {
    const isBad = this.#bad >= 0 && this.#at >= this.#text.length
    return new TomlError(this.#line(), this.#tables.lastKey, isBad ? this.#badCharacter() : message)
  }

  #badCharacter(): string {
    return sprintf("TOML files cannot contain control characters: '0x%02x'", [goInt(this.#badCode)])
  }

  #line(): number {
    // What is missing at the end of a text is missing on its last line that has something.
    const isEnd = this.#at >= this.#text.length && this.#text.endsWith('\n')
    return this.#text.slice(0, isEnd ? -1 : this.#at).split('\n').length
  }
}
