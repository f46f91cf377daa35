import { resolvePlain } from '@sluice/yaml'

type Table = { [key: string]: unknown }

/** What the quick reader does not read; the text is left to the reader of all YAML. */
const unread = Symbol('unread')

// What is neither printable nor an ordinary end of line.
const unusual = /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ufefe\uff00-\ufffd]/
/** Words that YAML takes for something else than a text, such as `false`, are no longer. */
const longestWord = 5
/** Characters that a plain text cannot begin with, or that begin what is not a plain text. */
const beginnings = /^[-?:,[\]{}#&*!|>'"%@`]/
const notPlain = /: | #|:$/
const escapes = /^"(?:[^"\\]|\\["\\/nrt])*"$/

/**
 * Reads an item of a list in the YAML that programs write: mappings and lists in block style with texts on one line, or
 * plain or literal ones on several. It is many times faster than reading all that YAML can be.
 *
 * @param text lines from the item's dash to its end
 * @param column of the dash
 * @returns `undefined` when there is anything else in it
 */
export function readYamlItem(text: string, column: number): Table | undefined {
  if (unusual.test(text)) return undefined
  const reader = new ItemReader(text)
  // The dash stands for a blank: behind it is the first line of a mapping.
  const value = reader.item(column)
  return value === unread || !reader.isAtEnd ? undefined : value
}

class ItemReader {
  readonly #text: string
  /** Of the current line. */
  #start = 0
  #end = 0
  /** Of the first character that is no blank. */
  #first = 0

  constructor(text: string) {
    this.#text = text
    this.#look(0)
  }

  get isAtEnd(): boolean {
    return this.#start >= this.#text.length
  }

  get #indent(): number {
    return this.#first - this.#start
  }

  /** An item of a list with the dash at `column`: a mapping that begins on its line. */
  item(column: number): Table | typeof unread {
    const inner = this.#behindDash()
    return this.#indent === column && inner !== undefined ? this.#mapping(inner - this.#start, inner) : unread
  }

  /** Goes to the line that begins at `start`. */
  #look(start: number): void {
    this.#start = start
    const end = this.#text.indexOf('\n', start)
    this.#end = end < 0 ? this.#text.length : end
    let first = start
    while (this.#text.charCodeAt(first) === 32) first += 1
    this.#first = first
  }

  #next(): void {
    this.#look(this.#end + 1)
  }

  #isDash(): boolean {
    return this.#text.charCodeAt(this.#first) === 45 && this.#text.charCodeAt(this.#first + 1) === 32
  }

  /** Where the content behind the dash of this line begins. */
  #behindDash(): number | undefined {
    if (!this.#isDash()) return undefined
    let at = this.#first + 2
    while (this.#text.charCodeAt(at) === 32) at += 1
    return at < this.#end ? at : undefined
  }

  /** A mapping whose keys are at `indent`; its first key is at `at` of this line. */
  #mapping(indent: number, at: number): Table | typeof unread {
    const table: Table = {}
    let keyAt = at
    for (;;) {
      const colon = this.#endOfKey(keyAt)
      if (colon === keyAt || this.#text.charCodeAt(colon) !== 58) return unread
      const key = this.#text.slice(keyAt, colon)
      if (key.length <= longestWord && typeof resolvePlain(key) !== 'string') return unread
      if (Object.hasOwn(table, key)) return unread
      const value = this.#value(colon + 1, indent)
      if (value === unread) return unread
      table[key] = value
      if (this.isAtEnd || this.#indent < indent) return table
      if (this.#indent > indent) return unread
      keyAt = this.#first
    }
  }

  /** Where a key that begins at `from` ends: a letter, and then letters, digits and `._/-`. There is none where it ends at once. */
  #endOfKey(from: number): number {
    if (!isLetter(this.#text.charCodeAt(from))) return from
    let at = from + 1
    while (isKeyUnit(this.#text.charCodeAt(at))) at += 1
    return at
  }

  /** The value behind a colon at `at`, of a key at `indent`; goes to the line after it. */
  #value(at: number, indent: number): unknown {
    const text = withoutBlanks(this.#text.slice(at, this.#end))
    if (text !== '' && this.#text.charCodeAt(at) !== 32) return unread
    if (text !== '') return this.#scalar(text, indent)
    this.#next()
    if (this.isAtEnd) return null
    if (this.#first === this.#end) return unread
    if (this.#isDash()) return this.#indent >= indent ? this.#list(this.#indent) : null
    return this.#indent > indent ? this.#mapping(this.#indent, this.#first) : null
  }

  #list(indent: number): unknown {
    const list: unknown[] = []
    while (!this.isAtEnd && this.#indent === indent && this.#isDash()) {
      const at = this.#behindDash()
      if (at === undefined) return unread
      const line = this.#text.slice(at, this.#end)
      const colon = this.#endOfKey(at)
      const isMapping =
        colon > at &&
        this.#text.charCodeAt(colon) === 58 &&
        (colon + 1 === this.#end || this.#text.charCodeAt(colon + 1) === 32)
      const value = isMapping
        ? this.#mapping(at - this.#start, at)
        : this.#scalar(withoutBlanks(line), indent)
      if (value === unread) return unread
      list.push(value)
    }
    return this.isAtEnd || this.#indent < indent || !this.#isDash() ? list : unread
  }

  /** A scalar that begins on this line, in something at `indent`; goes to the line after it. */
  #scalar(text: string, indent: number): unknown {
    const quoted = quotedText(text)
    if (quoted !== undefined || text === '[]' || text === '{}') {
      this.#next()
      if (quoted === undefined) return text === '[]' ? [] : {}
      return quoted
    }
    if (text === '|' || text === '|-') return this.#literal(indent, text === '|')
    if (beginnings.test(text) || notPlain.test(text)) return unread
    this.#next()
    const rest = this.#continuation(indent)
    if (rest === unread) return unread
    if (rest !== '') return text + rest
    const value = resolvePlain(text)
    return typeof value === 'number' && !Number.isFinite(value) ? unread : value
  }

  /** A text as it stands, on the lines below that are further in than `indent`. */
  #literal(indent: number, keepsEnd: boolean): string | typeof unread {
    this.#next()
    const column = this.#indent
    if (this.isAtEnd || column <= indent || this.#first === this.#end) return unread
    const lines: string[] = []
    while (!this.isAtEnd && this.#indent >= column && this.#first < this.#end) {
      lines.push(this.#text.slice(this.#start + column, this.#end))
      this.#next()
    }
    // A text that ends without an end of line has none, and an empty line may still belong to it, as may one that is not
    // as far in.
    if (this.isAtEnd && !this.#text.endsWith('\n')) return unread
    if (!this.isAtEnd && (this.#first === this.#end || this.#indent > indent)) return unread
    return `${lines.join('\n')}${keepsEnd ? '\n' : ''}`
  }

  /** Further lines of a plain text, each after a blank. */
  #continuation(indent: number): string | typeof unread {
    let rest = ''
    while (!this.isAtEnd && this.#indent > indent) {
      const line = withoutBlanks(this.#text.slice(this.#first, this.#end))
      if (line === '' || line.startsWith('#') || notPlain.test(line)) return unread
      rest += ` ${line}`
      this.#next()
    }
    // An empty line may still belong to the text.
    return !this.isAtEnd && this.#first === this.#end ? unread : rest
  }
}

/** Of the white space around a text only blanks do not belong to it. */
function withoutBlanks(text: string): string {
  let from = 0
  let to = text.length
  while (text.charCodeAt(from) === 32) from += 1
  while (to > from && text.charCodeAt(to - 1) === 32) to -= 1
  return text.slice(from, to)
}

/** A text in quotes on one line. */
function quotedText(text: string): string | undefined {
  if (text.startsWith('"')) return escapes.test(text) ? (JSON.parse(text) as string) : undefined
  if (!/^'(?:[^']|'')*'$/.test(text)) return undefined
  return text.slice(1, -1).replaceAll("''", "'")
}

function isLetter(unit: number): boolean {
  const lower = unit | 32
  return lower >= 97 && lower <= 122
}

function isKeyUnit(unit: number): boolean {
  // The three before the digits are `-`, `.` and `/`.
  return isLetter(unit) || (unit >= 45 && unit <= 57) || unit === 95
}
