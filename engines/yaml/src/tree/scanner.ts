import { scanBlockScalar } from '../scan/block-scalar.ts'
import { charSet, isBlankOrEnd, isBreak } from '../scan/characters.ts'
import type { Mark } from '../scan/cursor.ts'
import { scanQuotedScalar } from '../scan/flow-scalar.ts'
import { isDocumentIndicator, scanPlainScalar } from '../scan/plain-scalar.ts'
import { type Directive, scanDirective, scanTag, scanWord } from '../scan/tag.ts'
import * as kinds from '../scan/token.ts'
import { Token } from '../scan/token.ts'
import { CommentQueue } from './comments.ts'
import { CommentCursor } from './cursor.ts'
import { treeError } from './tree-error.ts'

/** A place where a key may have begun that is only known as one once its `:` is seen. */
type SimpleKey = {
  possible: boolean
  readonly required: boolean
  readonly token: number
  readonly mark: Mark
}

/** Keys without `?` end within this many characters. */
const maxSimpleKeyLength = 1024
/** Consumed tokens are dropped once there are this many; a few stay for the comments that look back. */
const keptTokens = 4096

const noKey: SimpleKey = {
  possible: false,
  required: false,
  token: -1,
  mark: { offset: 0, line: 0, column: 0 },
}

/**
 * Cuts a text into tokens as libyaml does, with go-yaml's comments beside them.
 *
 * Source: the productions of YAML 1.1 as go-yaml v3.0.4 reads them (scannerc.go).
 */
export class Scanner {
  readonly cursor: CommentCursor
  readonly comments: CommentQueue
  /** Queue of tokens; those before `head` are consumed. */
  readonly tokens: Token[] = []
  head = 0
  /** Column of the current block; -1 outside of all. */
  indent = -1
  flowLevel = 0
  simpleKeyAllowed = true
  private consumed = 0
  private available = false
  private readonly indents: number[] = []
  private readonly simpleKeys: SimpleKey[] = [noKey]
  private readonly directives = new Map<Token, Directive>()
  private readonly keyByToken = new Map<number, SimpleKey>()
  private readonly maxDepth: number

  constructor(text: string, maxDepth: number) {
    this.cursor = new CommentCursor(text)
    this.comments = new CommentQueue(this)
    this.maxDepth = maxDepth
    if (text.charCodeAt(0) === 0xfeff) {
      this.cursor.offset = 1
      this.cursor.lineStart = 1
    }
  }

  /** The next token, left in the queue. Comments before it have joined `comments.head`, `line` and `foot`. */
  peek(): Token {
    if (!this.available) {
      while (this.needsMore()) this.fetchNext()
      this.available = true
    }
    const token = this.tokens[this.head] as Token
    if (this.comments.pending) this.comments.unfold(token)
    return token
  }

  /** Drops the token that {@link peek} gave. */
  skip(): void {
    this.available = false
    this.consumed += 1
    this.head += 1
    if (this.head > keptTokens) {
      this.tokens.splice(0, this.head - 2)
      this.head = 2
    }
  }

  /** What a DIRECTIVE token says. */
  directiveOf(token: Token): Directive | undefined {
    return this.directives.get(token)
  }

  /** @param context where the construct began that could not be finished */
  private fail(problem: string, context: Mark = this.cursor.mark): never {
    throw this.cursor.error(context, problem)
  }

  /** Two tokens are looked ahead, so that foot comments are known before what they belong to is done. */
  private needsMore(): boolean {
    if (this.head >= this.tokens.length - 2) return true
    const key = this.keyByToken.get(this.consumed)
    return key !== undefined && this.isValidKey(key)
  }

  private fetchNext(): void {
    const { cursor } = this
    const before = cursor.offset
    this.scanToNextToken()
    this.unrollIndent(cursor.column, before)
    const code = cursor.unit
    if (code === 0) return this.fetchStreamEnd()
    if (cursor.offset === cursor.lineStart) {
      if (code === 37) return this.fetchDirective()
      if (isDocumentIndicator(cursor)) {
        return this.fetchDocumentMarker(code === 45 ? kinds.DOCUMENT_START : kinds.DOCUMENT_END)
      }
    }
    let owner: { readonly offset: number } = cursor
    if (this.flowLevel === 0 ? code === 58 : code === 44) owner = this.tokens.at(-1) ?? cursor
    const ownerPos = owner.offset
    this.fetchToken(code)
    // A lone `-` has no line comment: it becomes a head comment of what follows.
    if (cursor.newlines === 0 && this.tokens.at(-1)?.kind !== kinds.BLOCK_ENTRY) {
      this.comments.scanLine(ownerPos)
    }
  }

  /** @throws {YamlError} when `code` cannot start a token. */
  private fetchToken(code: number): void {
    switch (code) {
      case 91:
        return this.fetchFlowStart(kinds.FLOW_SEQUENCE_START)
      case 123:
        return this.fetchFlowStart(kinds.FLOW_MAPPING_START)
      case 93:
        return this.fetchFlowEnd(kinds.FLOW_SEQUENCE_END)
      case 125:
        return this.fetchFlowEnd(kinds.FLOW_MAPPING_END)
      case 44:
        return this.fetchFlowEntry()
      case 42:
        return this.fetchAnchor(kinds.ALIAS)
      case 38:
        return this.fetchAnchor(kinds.ANCHOR)
      case 33:
        return this.fetchTag()
      case 39:
      case 34:
        return this.fetchQuoted(code)
      default:
        return this.fetchBlockToken(code)
    }
  }

  private fetchBlockToken(code: number): void {
    const { cursor, flowLevel } = this
    const separate = isBlankOrEnd(cursor.unitAt(1))
    if (code === 45 && separate) return this.fetchBlockEntry()
    if (code === 63 && (flowLevel > 0 || separate)) return this.fetchKey()
    if (code === 58 && (flowLevel > 0 || separate)) return this.fetchValue()
    if ((code === 124 || code === 62) && flowLevel === 0) return this.fetchBlockScalar()
    if (!startsPlainScalar(code, cursor.unitAt(1), flowLevel)) {
      this.fail('found character that cannot start any token')
    }
    this.fetchPlain()
  }

  private scanToNextToken(): void {
    const { cursor } = this
    const scanStart = this.cursor.mark
    for (;;) {
      if (cursor.offset === cursor.lineStart && cursor.unit === 0xfeff) cursor.offset += 1
      let code = cursor.unit
      while (code === 32 || (code === 9 && (this.flowLevel > 0 || !this.simpleKeyAllowed))) {
        cursor.offset += 1
        code = cursor.unit
      }
      if (this.comments.pending) this.comments.lineBecomesHead(code)
      if (code === 35) {
        this.comments.scan(scanStart)
        code = cursor.unit
      }
      if (!isBreak(code)) return
      cursor.passBreak()
      if (this.flowLevel === 0) this.simpleKeyAllowed = true
    }
  }

  private fetchStreamEnd(): void {
    const { cursor } = this
    if (cursor.column !== 0) {
      cursor.line += 1
      cursor.lineStart = cursor.offset
    }
    this.unrollIndent(-1, cursor.offset)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.add(kinds.STREAM_END)
  }

  private fetchDirective(): void {
    this.unrollIndent(-1, this.cursor.offset)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    const { cursor } = this
    const token = this.add(kinds.DIRECTIVE)
    this.directives.set(token, scanDirective(cursor))
    cursor.newlines = cursor.line - token.line
    this.comments.scanLineUnlessBroken(cursor.offset)
  }

  private fetchDocumentMarker(kind: number): void {
    this.unrollIndent(-1, this.cursor.offset)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.add(kind)
    this.cursor.newlines = 0
    this.cursor.offset += 3
  }

  private fetchFlowStart(kind: number): void {
    this.saveSimpleKey()
    this.simpleKeys.push(noKey)
    this.flowLevel += 1
    if (this.flowLevel > this.maxDepth) this.tooDeep()
    this.simpleKeyAllowed = true
    this.pushIndicator(kind)
  }

  private fetchFlowEnd(kind: number): void {
    this.removeSimpleKey()
    if (this.flowLevel > 0) {
      this.flowLevel -= 1
      const key = this.simpleKeys.pop()
      if (key) this.keyByToken.delete(key.token)
    }
    this.simpleKeyAllowed = false
    this.pushIndicator(kind)
  }

  private fetchFlowEntry(): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.pushIndicator(kinds.FLOW_ENTRY)
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) {
        this.fail('block sequence entries are not allowed in this context')
      }
      this.rollIndent(kinds.BLOCK_SEQUENCE_START, this.cursor.mark, -1)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.pushIndicator(kinds.BLOCK_ENTRY)
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('mapping keys are not allowed in this context')
      this.rollIndent(kinds.BLOCK_MAPPING_START, this.cursor.mark, -1)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = this.flowLevel === 0
    this.pushIndicator(kinds.KEY)
  }

  private fetchValue(): void {
    const key = this.simpleKeys.at(-1)
    if (key && this.isValidKey(key)) {
      this.insert(key.token, tokenAt(kinds.KEY, key.mark))
      this.rollIndent(kinds.BLOCK_MAPPING_START, key.mark, key.token)
      key.possible = false
      this.keyByToken.delete(key.token)
      this.simpleKeyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed) {
          this.fail('mapping values are not allowed in this context')
        }
        this.rollIndent(kinds.BLOCK_MAPPING_START, this.cursor.mark, -1)
      }
      this.simpleKeyAllowed = this.flowLevel === 0
    }
    this.pushIndicator(kinds.VALUE)
  }

  private fetchBlockScalar(): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    const { cursor } = this
    const token = this.add(kinds.SCALAR)
    token.style = cursor.unit === 124 ? 'literal' : 'folded'
    this.comments.readBlockHeader(token.offset)
    const { value, end } = scanBlockScalar(cursor, this.indent)
    token.value = value
    token.end = end
    cursor.newlines = value === '' ? cursor.line - token.line : countBreaks(cursor.text, end, cursor.offset)
  }

  private fetchAnchor(kind: number): void {
    const { cursor } = this
    const token = this.addKeyable(kind)
    cursor.offset += 1
    token.value = scanWord(cursor)
    if (token.value === '' || !(isBlankOrEnd(cursor.unit) || mayFollowAnchor.has(cursor.unit))) {
      this.fail('did not find expected alphabetic or numeric character', token)
    }
    cursor.newlines = 0
  }

  private fetchTag(): void {
    const token = this.addKeyable(kinds.TAG)
    const { handle, suffix } = scanTag(this.cursor, this.flowLevel > 0)
    token.handle = handle
    token.value = suffix
    this.cursor.newlines = 0
  }

  private fetchQuoted(quote: 34 | 39): void {
    const token = this.addKeyable(kinds.SCALAR)
    token.style = quote === 39 ? 'single' : 'double'
    token.value = scanQuotedScalar(this.cursor, quote)
    this.cursor.newlines = 0
  }

  private fetchPlain(): void {
    const { cursor } = this
    const token = this.addKeyable(kinds.SCALAR)
    cursor.newlines = 0
    if (!scanPlainScalar(cursor, token, { indent: this.indent + 1, inFlow: this.flowLevel > 0 })) return
    this.simpleKeyAllowed = true
    cursor.newlines = countBreaks(cursor.text, token.end, cursor.offset)
  }

  /** Adds a token that may begin a key: an alias, an anchor, a tag or a flow scalar. */
  private addKeyable(kind: number): Token {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    return this.add(kind)
  }

  private add(kind: number): Token {
    const { offset, line, column } = this.cursor
    const token = new Token(kind, offset, line, column)
    this.tokens.push(token)
    return token
  }

  private pushIndicator(kind: number): void {
    this.add(kind)
    this.cursor.newlines = 0
    this.cursor.offset += 1
  }

  private isValidKey(key: SimpleKey): boolean {
    if (!key.possible) return false
    const { line, offset } = key.mark
    if (line >= this.cursor.line && offset + maxSimpleKeyLength >= this.cursor.offset) return true
    if (key.required) this.fail("could not find expected ':'", key.mark)
    key.possible = false
    return false
  }

  private saveSimpleKey(): void {
    if (!this.simpleKeyAllowed) return
    const { mark } = this.cursor
    const required = this.flowLevel === 0 && this.indent === mark.column
    const token = this.consumed + (this.tokens.length - this.head)
    this.removeSimpleKey()
    const key: SimpleKey = { possible: true, required, token, mark }
    this.simpleKeys[this.simpleKeys.length - 1] = key
    this.keyByToken.set(token, key)
  }

  private removeSimpleKey(): void {
    const key = this.simpleKeys.at(-1)
    if (!key?.possible) return
    if (key.required) this.fail("could not find expected ':'", key.mark)
    key.possible = false
    this.keyByToken.delete(key.token)
  }

  private rollIndent(kind: number, mark: Mark, number: number): void {
    if (this.flowLevel > 0 || this.indent >= mark.column) return
    this.indents.push(this.indent)
    this.indent = mark.column
    if (this.indents.length > this.maxDepth) this.tooDeep()
    const token = tokenAt(kind, mark)
    if (number < 0) this.tokens.push(token)
    else this.insert(number, token)
  }

  private unrollIndent(column: number, scanPos: number): void {
    if (this.flowLevel > 0 || this.indent <= column) return
    const { line } = this.cursor
    let mark: Mark = { offset: scanPos - 1, line, column }
    while (this.indent > column) {
      mark = this.comments.footOf(this.indent, mark)
      this.tokens.push(tokenAt(kinds.BLOCK_END, mark))
      this.indent = this.indents.pop() ?? -1
    }
  }

  private insert(number: number, token: Token): void {
    this.tokens.splice(this.head + number - this.consumed, 0, token)
  }

  private tooDeep(): never {
    throw treeError('YAML_LIMIT', this.cursor.line + 1, `exceeded max depth of ${this.maxDepth}`)
  }
}

function tokenAt(kind: number, { offset, line, column }: Mark): Token {
  return new Token(kind, offset, line, column)
}

function countBreaks(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at)
    if (isBreak(unit) && !(unit === 10 && at > from && text.charCodeAt(at - 1) === 13)) count += 1
  }
  return count
}

/** Indicators: ``-?:,[]{}#&*!|>'"%@` ``. */
const indicators = charSet('-?:,[]{}#&*!|>\'"%@`')

function startsPlainScalar(code: number, next: number, flowLevel: number): boolean {
  if (!isBlankOrEnd(code) && !indicators.has(code)) return true
  if (code === 45) return next !== 32 && next !== 9
  return flowLevel === 0 && (code === 63 || code === 58) && !isBlankOrEnd(next)
}

/** What may stand right after an anchor's name. */
const mayFollowAnchor = charSet('?:,]}%@`')
