import { CommentQueue } from './comments.ts'
import { Cursor, isBlankOrEnd, isBreak } from './cursor.ts'
import { YamlTreeError } from './errors.ts'
import { scanBlockScalar } from './scan-block-scalar.ts'
import { scanPlainScalar } from './scan-plain-scalar.ts'
import { scanQuotedScalar } from './scan-quoted-scalar.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-tag.ts'
import { type Mark, Token, type TokenKind } from './token.ts'

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
  mark: { pos: 0, line: 0, column: 0 },
}

/**
 * Cuts a text into tokens as libyaml does, with go-yaml's comments beside them.
 *
 * Source: the productions of YAML 1.1 as go-yaml v3.0.4 reads them (scannerc.go).
 */
export class Scanner {
  readonly cursor: Cursor
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
  private readonly keyByToken = new Map<number, SimpleKey>()
  private readonly maxDepth: number

  constructor(text: string, maxDepth: number) {
    this.cursor = new Cursor(text)
    this.comments = new CommentQueue(this)
    this.maxDepth = maxDepth
    if (text.charCodeAt(0) === 0xfeff) {
      this.cursor.pos = 1
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

  get mark(): Mark {
    const { pos, line, column } = this.cursor
    return { pos, line, column }
  }

  fail(problem: string, line: number): never {
    throw new YamlTreeError('YAML_SYNTAX', line + 1, problem)
  }

  /** Two tokens are looked ahead, so that foot comments are known before what they belong to is done. */
  private needsMore(): boolean {
    if (this.head >= this.tokens.length - 2) return true
    const key = this.keyByToken.get(this.consumed)
    return key !== undefined && this.isValidKey(key)
  }

  private fetchNext(): void {
    const { cursor } = this
    const before = cursor.pos
    this.scanToNextToken()
    this.unrollIndent(cursor.column, before)
    const code = cursor.code()
    if (code === 0) return this.fetchStreamEnd()
    if (cursor.pos === cursor.lineStart) {
      if (code === 37) return this.fetchDirective()
      const marker = this.documentMarker()
      if (marker !== undefined) return this.fetchDocumentMarker(marker)
    }
    let owner: { readonly pos: number } = cursor
    if (this.flowLevel === 0 ? code === 58 : code === 44) owner = this.tokens.at(-1) ?? cursor
    const ownerPos = owner.pos
    this.fetchToken(code)
    // A lone `-` has no line comment: it becomes a head comment of what follows.
    if (cursor.newlines === 0 && this.tokens.at(-1)?.kind !== 'blockEntry') {
      this.comments.scanLine(ownerPos)
    }
  }

  /** @throws {YamlTreeError} when `code` cannot start a token. */
  private fetchToken(code: number): void {
    switch (code) {
      case 91:
        return this.fetchFlowStart('flowSequenceStart')
      case 123:
        return this.fetchFlowStart('flowMappingStart')
      case 93:
        return this.fetchFlowEnd('flowSequenceEnd')
      case 125:
        return this.fetchFlowEnd('flowMappingEnd')
      case 44:
        return this.fetchFlowEntry()
      case 42:
        return this.fetchKeyable(() => scanAnchor(this, 'alias'))
      case 38:
        return this.fetchKeyable(() => scanAnchor(this, 'anchor'))
      case 33:
        return this.fetchKeyable(() => scanTag(this))
      case 39:
      case 34:
        return this.fetchKeyable(() => scanQuotedScalar(this, code === 39))
      default:
        return this.fetchBlockToken(code)
    }
  }

  private fetchBlockToken(code: number): void {
    const { cursor, flowLevel } = this
    const separate = isBlankOrEnd(cursor.code(1))
    if (code === 45 && separate) return this.fetchBlockEntry()
    if (code === 63 && (flowLevel > 0 || separate)) return this.fetchKey()
    if (code === 58 && (flowLevel > 0 || separate)) return this.fetchValue()
    if ((code === 124 || code === 62) && flowLevel === 0) return this.fetchBlockScalar(code === 124)
    if (!startsPlainScalar(code, cursor.code(1), flowLevel)) {
      this.fail('found character that cannot start any token', cursor.line)
    }
    this.fetchKeyable(() => scanPlainScalar(this))
  }

  private scanToNextToken(): void {
    const { cursor } = this
    const scanStart = this.mark
    for (;;) {
      if (cursor.pos === cursor.lineStart && cursor.code() === 0xfeff) cursor.pos += 1
      let code = cursor.code()
      while (code === 32 || (code === 9 && (this.flowLevel > 0 || !this.simpleKeyAllowed))) {
        cursor.pos += 1
        code = cursor.code()
      }
      if (this.comments.pending) this.comments.lineBecomesHead(code)
      if (code === 35) {
        this.comments.scan(scanStart)
        code = cursor.code()
      }
      if (!isBreak(code)) return
      cursor.readBreak()
      if (this.flowLevel === 0) this.simpleKeyAllowed = true
    }
  }

  private documentMarker(): TokenKind | undefined {
    const { text, pos } = this.cursor
    const code = text.charCodeAt(pos)
    if (code !== 45 && code !== 46) return undefined
    if (text.charCodeAt(pos + 1) !== code || text.charCodeAt(pos + 2) !== code) return undefined
    if (!isBlankOrEnd(text.charCodeAt(pos + 3))) return undefined
    return code === 45 ? 'documentStart' : 'documentEnd'
  }

  private fetchStreamEnd(): void {
    const { cursor } = this
    if (cursor.column !== 0) {
      cursor.line += 1
      cursor.lineStart = cursor.pos
    }
    this.unrollIndent(-1, cursor.pos)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.tokens.push(new Token('streamEnd', this.mark))
  }

  private fetchDirective(): void {
    this.unrollIndent(-1, this.cursor.pos)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.tokens.push(scanDirective(this))
    this.comments.scanLineUnlessBroken(this.cursor.pos)
  }

  private fetchDocumentMarker(kind: TokenKind): void {
    this.unrollIndent(-1, this.cursor.pos)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    const { mark } = this
    this.cursor.newlines = 0
    this.cursor.pos += 3
    this.tokens.push(new Token(kind, mark))
  }

  private fetchFlowStart(kind: TokenKind): void {
    this.saveSimpleKey()
    this.simpleKeys.push(noKey)
    this.flowLevel += 1
    if (this.flowLevel > this.maxDepth) this.tooDeep()
    this.simpleKeyAllowed = true
    this.pushIndicator(kind)
  }

  private fetchFlowEnd(kind: TokenKind): void {
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
    this.pushIndicator('flowEntry')
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) {
        this.fail('block sequence entries are not allowed in this context', this.cursor.line)
      }
      this.rollIndent('blockSequenceStart', this.mark, -1)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.pushIndicator('blockEntry')
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) this.fail('mapping keys are not allowed in this context', this.cursor.line)
      this.rollIndent('blockMappingStart', this.mark, -1)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = this.flowLevel === 0
    this.pushIndicator('key')
  }

  private fetchValue(): void {
    const key = this.simpleKeys.at(-1)
    if (key && this.isValidKey(key)) {
      this.insert(key.token, new Token('key', key.mark))
      this.rollIndent('blockMappingStart', key.mark, key.token)
      key.possible = false
      this.keyByToken.delete(key.token)
      this.simpleKeyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed) {
          this.fail('mapping values are not allowed in this context', this.cursor.line)
        }
        this.rollIndent('blockMappingStart', this.mark, -1)
      }
      this.simpleKeyAllowed = this.flowLevel === 0
    }
    this.pushIndicator('value')
  }

  private fetchBlockScalar(literal: boolean): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.tokens.push(scanBlockScalar(this, literal))
  }

  /** What may begin a key: aliases, anchors, tags and flow scalars. */
  private fetchKeyable(scan: () => Token): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    this.tokens.push(scan())
  }

  private pushIndicator(kind: TokenKind): void {
    const { mark } = this
    this.cursor.newlines = 0
    this.cursor.pos += 1
    this.tokens.push(new Token(kind, mark))
  }

  private isValidKey(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.mark.line >= this.cursor.line && key.mark.pos + maxSimpleKeyLength >= this.cursor.pos) return true
    if (key.required) this.fail("could not find expected ':'", key.mark.line + 1)
    key.possible = false
    return false
  }

  private saveSimpleKey(): void {
    if (!this.simpleKeyAllowed) return
    const { mark } = this
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
    if (key.required) this.fail("could not find expected ':'", key.mark.line + 1)
    key.possible = false
    this.keyByToken.delete(key.token)
  }

  private rollIndent(kind: TokenKind, mark: Mark, number: number): void {
    if (this.flowLevel > 0 || this.indent >= mark.column) return
    this.indents.push(this.indent)
    this.indent = mark.column
    if (this.indents.length > this.maxDepth) this.tooDeep()
    const token = new Token(kind, mark)
    if (number < 0) this.tokens.push(token)
    else this.insert(number, token)
  }

  private unrollIndent(column: number, scanPos: number): void {
    if (this.flowLevel > 0 || this.indent <= column) return
    const { line } = this.cursor
    let mark: Mark = { pos: scanPos - 1, line, column }
    while (this.indent > column) {
      mark = this.comments.footOf(this.indent, mark)
      this.tokens.push(new Token('blockEnd', mark))
      this.indent = this.indents.pop() ?? -1
    }
  }

  private insert(number: number, token: Token): void {
    this.tokens.splice(this.head + number - this.consumed, 0, token)
  }

  private tooDeep(): never {
    throw new YamlTreeError('YAML_LIMIT', this.cursor.line + 1, `exceeded max depth of ${this.maxDepth}`)
  }
}

/** Indicators: ``-?:,[]{}#&*!|>'"%@` ``. */
const indicators = new Set('-?:,[]{}#&*!|>\'"%@`'.split('').map((it) => it.charCodeAt(0)))

function startsPlainScalar(code: number, next: number, flowLevel: number): boolean {
  if (!isBlankOrEnd(code) && !indicators.has(code)) return true
  if (code === 45) return next !== 32 && next !== 9
  return flowLevel === 0 && (code === 63 || code === 58) && !isBlankOrEnd(next)
}
