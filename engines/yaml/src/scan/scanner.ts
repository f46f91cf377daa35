import { YamlError } from '../yaml-error.ts'
import { scanBlockScalar } from './block-scalar.ts'
import { charSet, isBlank, isBlankOrEnd, isBreak } from './characters.ts'
import { Cursor, type Mark } from './cursor.ts'
import { scanQuotedScalar } from './flow-scalar.ts'
import { isDocumentIndicator, scanPlainScalar } from './plain-scalar.ts'
import { type Directive, scanDirective, scanTag, scanWord } from './tag.ts'
import * as kinds from './token.ts'
import { Token } from './token.ts'

/** The `:` of a key without `?` must stand on the key's line, this many characters after its start at most. */
const longestSimpleKey = 1024

/** A token that turns out to begin a key if a `:` follows in time. */
type SimpleKey = {
  possible: boolean
  required: boolean
  tokenNumber: number
  offset: number
  line: number
  column: number
}

/**
 * Cuts a text into tokens, on demand. Where a key begins is known only at its `:`, so tokens wait in a queue
 * until no key can begin before them.
 *
 * Source: YAML 1.1, in the reading of libyaml, whose error messages users know.
 */
export class Scanner {
  readonly #cursor: Cursor
  readonly #maxDepth: number
  /** Tokens wait from `#head` up to `#tail`; the slots are used again, since most of the time one or two wait. */
  readonly #queue: Token[] = []
  #head = 0
  #tail = 0
  /** Tokens handed out so far. */
  #taken = 0
  #ended = false
  /** Column of the innermost block collection, -1 at the top; those around it in `#indents`. */
  #indent = -1
  readonly #indents: number[] = []
  #flowLevel = 0
  #simpleKeyAllowed = true
  /** One for each flow level. */
  readonly #simpleKeys: SimpleKey[] = [noSimpleKey()]
  /** No simple key is possible on levels below this. */
  #lowestLevel = 0
  /** What the DIRECTIVE tokens say. */
  readonly #directives = new Map<Token, Directive>()

  constructor(text: string, maxDepth: number) {
    this.#cursor = new Cursor(text)
    this.#maxDepth = maxDepth
  }

  /** The source, ended by U+0000. */
  get text(): string {
    return this.#cursor.text
  }

  /** Offset that has been read to; everything before it is known to be scanned. */
  get offset(): number {
    return this.#cursor.offset
  }

  /** The next token, which stays. After the end it is STREAM_END for ever. @throws {YamlError} */
  peek(): Token {
    for (;;) {
      const token = this.#queue[this.#head]
      if (token !== undefined && this.#head < this.#tail && !this.#keyMayBeginAtHead()) return token
      this.#fetch()
    }
  }

  /** Takes the token that `peek` has shown. */
  skip(): void {
    if (this.#head === this.#tail || this.#queue[this.#head]?.kind === kinds.STREAM_END) return
    this.#head += 1
    this.#taken += 1
    if (this.#head === this.#tail) {
      this.#head = 0
      this.#tail = 0
    }
  }

  /** What a DIRECTIVE token says. */
  directiveOf(token: Token): Directive | undefined {
    return this.#directives.get(token)
  }

  #keyMayBeginAtHead(): boolean {
    if (this.#ended) return false
    const keys = this.#simpleKeys
    let level = this.#lowestLevel
    while (level < this.#flowLevel && !keys[level]?.possible) level += 1
    this.#lowestLevel = level
    const key = keys[level]
    return key?.possible === true && key.tokenNumber === this.#taken && this.#isValid(key)
  }

  /** Whether a `:` at the cursor would still make a key of `key`. @throws {YamlError} when it must be one but cannot */
  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.line === this.#cursor.line && this.#cursor.offset - key.offset <= longestSimpleKey) return true
    if (key.required) throw this.#missingColon(key)
    key.possible = false
    return false
  }

  #missingColon(key: Mark): YamlError {
    return this.#cursor.error(key, "could not find expected ':'")
  }

  #fetch(): void {
    this.#skipToToken()
    const cursor = this.#cursor
    this.#unrollIndent(cursor.column)
    const { unit } = cursor
    if (unit === 0) return this.#fetchStreamEnd()
    if (cursor.offset === cursor.lineStart) {
      if (unit === 37) return this.#fetchDirective()
      if (isDocumentIndicator(cursor)) return this.#fetchDocumentIndicator(unit)
    }
    if (this.#fetchIndicator(unit)) return
    if (this.#startsPlain(unit)) return this.#fetchPlain()
    throw cursor.error(origin, 'found character that cannot start any token')
  }

  /** Fetches what begins with an indicator character; false when `unit` is none here. */
  #fetchIndicator(unit: number): boolean {
    switch (unit) {
      case 91:
        this.#fetchFlowStart(kinds.FLOW_SEQUENCE_START)
        return true
      case 123:
        this.#fetchFlowStart(kinds.FLOW_MAPPING_START)
        return true
      case 93:
        this.#fetchFlowEnd(kinds.FLOW_SEQUENCE_END)
        return true
      case 125:
        this.#fetchFlowEnd(kinds.FLOW_MAPPING_END)
        return true
      case 44:
        this.#fetchFlowEntry()
        return true
      case 42:
        this.#fetchAnchor(kinds.ALIAS)
        return true
      case 38:
        this.#fetchAnchor(kinds.ANCHOR)
        return true
      case 33:
        this.#fetchTag()
        return true
      case 39:
      case 34:
        this.#fetchQuoted(unit)
        return true
      default:
        return this.#fetchContextual(unit)
    }
  }

  /** The indicators that count only before a blank or outside of flow collections. */
  #fetchContextual(unit: number): boolean {
    const inFlow = this.#flowLevel > 0
    if (unit === 45 && isBlankOrEnd(this.#cursor.unitAt(1))) {
      this.#fetchBlockEntry()
    } else if (unit === 63 && (inFlow || isBlankOrEnd(this.#cursor.unitAt(1)))) {
      this.#fetchKey()
    } else if (unit === 58 && (inFlow || isBlankOrEnd(this.#cursor.unitAt(1)))) {
      this.#fetchValue()
    } else if ((unit === 124 || unit === 62) && !inFlow) {
      this.#fetchBlockScalar()
    } else {
      return false
    }
    return true
  }

  #startsPlain(unit: number): boolean {
    if (isBlankOrEnd(unit)) return false
    if (!plainNeverStartsWith.has(unit)) return true
    const next = this.#cursor.unitAt(1)
    if (unit === 45) return !isBlank(next)
    return this.#flowLevel === 0 && (unit === 63 || unit === 58) && !isBlankOrEnd(next)
  }

  #skipToToken(): void {
    const cursor = this.#cursor
    for (;;) {
      if (cursor.unit === 0xfeff && cursor.offset === cursor.lineStart) cursor.offset += 1
      if (this.#flowLevel > 0 || !this.#simpleKeyAllowed) cursor.skipBlanks()
      else while (cursor.unit === 32) cursor.offset += 1
      cursor.skipComment()
      if (!isBreak(cursor.unit)) return
      cursor.skipBreak()
      if (this.#flowLevel === 0) this.#simpleKeyAllowed = true
    }
  }

  #fetchStreamEnd(): void {
    const cursor = this.#cursor
    // The end counts as a line of its own, which shows in messages.
    if (cursor.offset !== cursor.lineStart) {
      cursor.line += 1
      cursor.lineStart = cursor.offset
    }
    this.#unrollIndent(-1)
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = false
    this.#add(kinds.STREAM_END)
    this.#ended = true
  }

  #fetchDirective(): void {
    this.#unrollIndent(-1)
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = false
    const token = this.#add(kinds.DIRECTIVE)
    this.#directives.set(token, scanDirective(this.#cursor))
  }

  #fetchDocumentIndicator(unit: number): void {
    this.#unrollIndent(-1)
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = false
    this.#addIndicator(unit === 45 ? kinds.DOCUMENT_START : kinds.DOCUMENT_END, 3)
  }

  #fetchFlowStart(kind: number): void {
    this.#saveSimpleKey()
    this.#simpleKeys.push(noSimpleKey())
    this.#flowLevel += 1
    this.#checkDepth()
    this.#simpleKeyAllowed = true
    this.#addIndicator(kind, 1)
  }

  #fetchFlowEnd(kind: number): void {
    this.#removeSimpleKey()
    if (this.#flowLevel > 0) {
      this.#flowLevel -= 1
      this.#simpleKeys.pop()
      this.#lowestLevel = Math.min(this.#lowestLevel, this.#flowLevel)
    }
    this.#simpleKeyAllowed = false
    this.#addIndicator(kind, 1)
  }

  #fetchFlowEntry(): void {
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = true
    this.#addIndicator(kinds.FLOW_ENTRY, 1)
  }

  #fetchBlockEntry(): void {
    // In a flow collection it is an error too, but one of the grammar.
    if (this.#flowLevel === 0) {
      this.#requireKeyAllowed('block sequence entries are not allowed in this context')
      this.#rollIndent(kinds.BLOCK_SEQUENCE_START, this.#cursor.mark)
    }
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = true
    this.#addIndicator(kinds.BLOCK_ENTRY, 1)
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      this.#requireKeyAllowed('mapping keys are not allowed in this context')
      this.#rollIndent(kinds.BLOCK_MAPPING_START, this.#cursor.mark)
    }
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = this.#flowLevel === 0
    this.#addIndicator(kinds.KEY, 1)
  }

  #fetchValue(): void {
    const key = this.#currentSimpleKey()
    if (this.#isValid(key)) {
      const at = key.tokenNumber - this.#taken + this.#head
      this.#insert(at, new Token(kinds.KEY, key.offset, key.line, key.column))
      this.#rollIndent(kinds.BLOCK_MAPPING_START, key, at)
      key.possible = false
      this.#simpleKeyAllowed = false
    } else {
      if (this.#flowLevel === 0) {
        this.#requireKeyAllowed('mapping values are not allowed in this context')
        this.#rollIndent(kinds.BLOCK_MAPPING_START, this.#cursor.mark)
      }
      this.#simpleKeyAllowed = this.#flowLevel === 0
    }
    this.#addIndicator(kinds.VALUE, 1)
  }

  #fetchAnchor(kind: number): void {
    this.#saveSimpleKey()
    this.#simpleKeyAllowed = false
    const cursor = this.#cursor
    const { mark } = cursor
    const token = this.#add(kind)
    cursor.offset += 1
    token.value = scanWord(cursor)
    token.end = cursor.offset
    if (token.value === '' || !(isBlankOrEnd(cursor.unit) || mayFollowAnchor.has(cursor.unit))) {
      throw cursor.error(mark, 'did not find expected alphabetic or numeric character')
    }
  }

  #fetchTag(): void {
    this.#saveSimpleKey()
    this.#simpleKeyAllowed = false
    const token = this.#add(kinds.TAG)
    const { handle, suffix } = scanTag(this.#cursor)
    token.handle = handle
    token.value = suffix
    token.end = this.#cursor.offset
  }

  #fetchBlockScalar(): void {
    this.#removeSimpleKey()
    this.#simpleKeyAllowed = true
    const token = this.#add(kinds.SCALAR)
    token.style = this.#cursor.unit === 124 ? 'literal' : 'folded'
    const { value, end } = scanBlockScalar(this.#cursor, this.#indent)
    token.value = value
    token.end = end
  }

  #fetchQuoted(quote: 34 | 39): void {
    this.#saveSimpleKey()
    this.#simpleKeyAllowed = false
    const token = this.#add(kinds.SCALAR)
    token.style = quote === 39 ? 'single' : 'double'
    token.value = scanQuotedScalar(this.#cursor, quote)
    token.end = this.#cursor.offset
  }

  #fetchPlain(): void {
    this.#saveSimpleKey()
    this.#simpleKeyAllowed = false
    const token = this.#add(kinds.SCALAR)
    const options = { indent: this.#indent + 1, inFlow: this.#flowLevel > 0 }
    if (scanPlainScalar(this.#cursor, token, options)) this.#simpleKeyAllowed = true
  }

  #add(kind: number): Token {
    const cursor = this.#cursor
    const token = new Token(kind, cursor.offset, cursor.line, cursor.column)
    this.#queue[this.#tail] = token
    this.#tail += 1
    return token
  }

  /** Puts a token before the one at `at`. */
  #insert(at: number, token: Token): void {
    const queue = this.#queue
    for (let slot = this.#tail; slot > at; slot -= 1) queue[slot] = queue[slot - 1] ?? token
    queue[at] = token
    this.#tail += 1
  }

  #addIndicator(kind: number, length: number): void {
    const token = this.#add(kind)
    this.#cursor.offset += length
    token.end = this.#cursor.offset
  }

  #currentSimpleKey(): SimpleKey {
    const key = this.#simpleKeys[this.#flowLevel]
    if (key === undefined) throw new RangeError('no simple key at this flow level')
    return key
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return
    const cursor = this.#cursor
    this.#removeSimpleKey()
    const key = this.#currentSimpleKey()
    key.possible = true
    key.required = this.#flowLevel === 0 && this.#indent === cursor.column
    key.tokenNumber = this.#taken + this.#tail - this.#head
    key.offset = cursor.offset
    key.line = cursor.line
    key.column = cursor.column
  }

  #removeSimpleKey(): void {
    const key = this.#currentSimpleKey()
    if (key.possible && key.required) throw this.#missingColon(key)
    key.possible = false
  }

  #requireKeyAllowed(message: string): void {
    if (!this.#simpleKeyAllowed) throw this.#cursor.error(origin, message)
  }

  /** Begins a block collection at `mark` if it is deeper than the current one; `at` is its place in the queue. */
  #rollIndent(kind: number, { offset, line, column }: Mark, at = this.#tail): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    this.#checkDepth()
    this.#insert(at, new Token(kind, offset, line, column))
  }

  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return
    while (this.#indent > column) {
      this.#add(kinds.BLOCK_END)
      this.#indent = this.#indents.pop() ?? -1
    }
  }

  #checkDepth(): void {
    if (this.#flowLevel + this.#indents.length <= this.#maxDepth) return
    const { line, column } = this.#cursor.mark
    throw new YamlError('YAML_LIMIT', `yaml: exceeded max depth of ${this.#maxDepth}`, {
      line: line + 1,
      column: column + 1,
    })
  }
}

const origin: Mark = { offset: 0, line: 0, column: 0 }
const plainNeverStartsWith = charSet('-?:,[]{}#&*!|>\'"%@`')
const mayFollowAnchor = charSet('?:,]}%@`')

function noSimpleKey(): SimpleKey {
  return { possible: false, required: false, tokenNumber: 0, offset: 0, line: 0, column: 0 }
}
