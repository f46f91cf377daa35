import { isBlank, isBreak, isBreakOrEnd } from '../scan/characters.ts'
import type { Mark } from '../scan/cursor.ts'
import type { Token } from '../scan/token.ts'
import * as kinds from '../scan/token.ts'
import type { Scanner } from './scanner.ts'

/** A comment between tokens. It joins the token at `tokenPos` or the first after it. */
type Comment = {
  /** Where the scan began that found it. */
  readonly scanPos: number
  tokenPos: number
  readonly start: Mark
  /** 0 for line comments. */
  readonly endPos: number
  head: string
  line: string
  readonly foot: string
}

/** Blanks and breaks beyond this many are not searched for a further comment. */
const lookAhead = 512
const blockHeader = /[|>][-+0-9]{0,2}[ \t]*/y

/**
 * Comments waiting for their token, and those that the next node takes.
 *
 * Which comment is head, line or foot of what is go-yaml's choice, with its quirks: columns here count from 1,
 * and after a comment line the line number is that line's until a break is passed.
 *
 * Source: go-yaml v3.0.4, scannerc.go and parserc.go.
 */
export class CommentQueue {
  head = ''
  line = ''
  foot = ''
  private readonly scanner: Scanner
  private queue: Comment[] = []
  private next = 0

  constructor(scanner: Scanner) {
    this.scanner = scanner
  }

  get pending(): boolean {
    return this.next < this.queue.length
  }

  /** Joins the comments up to `token` to those that the next node takes. */
  unfold(token: Token): void {
    for (; this.next < this.queue.length; this.next += 1) {
      const comment = this.queue[this.next]
      if (!comment || token.offset < comment.tokenPos) return
      // The end of a block has no head: the comment waits for what follows.
      if (comment.head !== '' && token.kind === kinds.BLOCK_END) return
      this.head = joinLines(this.head, comment.head)
      this.foot = joinLines(this.foot, comment.foot)
      this.line = joinLines(this.line, comment.line)
    }
    this.queue = []
    this.next = 0
  }

  /** A comment right after the first `-` of a sequence belongs to what follows, unless nothing follows in the line. */
  lineBecomesHead(code: number): void {
    const { tokens, cursor } = this.scanner
    const comment = this.queue.at(-1)
    if (!comment || comment.line === '' || isBreak(code)) return
    if (tokens.at(-1)?.kind !== kinds.BLOCK_ENTRY) return
    if (tokens.at(-2)?.kind !== kinds.BLOCK_SEQUENCE_START) return
    comment.head = comment.line
    comment.line = ''
    if (comment.start.line === cursor.line - 1) comment.tokenPos = cursor.offset
  }

  /** Where the block at `indent` ends: before the comments that stand at its column. */
  footOf(indent: number, mark: Mark): Mark {
    let found = mark
    let stop = mark.offset
    for (let i = this.queue.length - 1; i >= this.next; i -= 1) {
      const comment = this.queue[i]
      if (!comment || comment.endPos < stop) break
      if (comment.start.column === indent + 1) found = comment.start
      stop = comment.scanPos
    }
    return found
  }

  scanLineUnlessBroken(tokenPos: number): void {
    if (this.scanner.cursor.newlines === 0) this.scanLine(tokenPos)
  }

  /** Takes the comment that follows in the same line, if there is one. */
  scanLine(tokenPos: number): void {
    const { cursor } = this.scanner
    let ahead = 0
    while (ahead < lookAhead && isBlank(cursor.unitAt(ahead))) ahead += 1
    if (ahead === lookAhead || cursor.unitAt(ahead) !== 35) return
    cursor.offset += ahead
    const start = cursor.mark
    this.addLine(tokenPos, start, readComment(this.scanner))
  }

  /** Notes the comment after the `|` or `>` at the cursor, which stays. */
  readBlockHeader(tokenPos: number): void {
    const { text, offset, line, column } = this.scanner.cursor
    blockHeader.lastIndex = offset
    const [header] = blockHeader.exec(text) ?? []
    if (header === undefined) return
    const ahead = header.length
    if (text.charCodeAt(offset + ahead) !== 35) return
    let end = offset + ahead
    while (!isBreakOrEnd(text.charCodeAt(end))) end += 1
    const start = { offset: offset + ahead, line, column: column + ahead }
    this.addLine(tokenPos, start, text.slice(offset + ahead, end))
  }

  /** Takes the comments from the cursor, which is at a `#`, on; `scanStart` is the end of the token before. */
  scan(scanStart: Mark): void {
    new CommentBlock(this.scanner, scanStart, (comment) => this.queue.push(comment)).scan()
  }

  private addLine(tokenPos: number, start: Mark, line: string): void {
    this.queue.push({ scanPos: 0, tokenPos, start, endPos: 0, head: '', line, foot: '' })
  }
}

/** The comments between two tokens, told apart into feet of the former and the head of the latter. */
class CommentBlock {
  private readonly scanner: Scanner
  private readonly add: (comment: Comment) => void
  private readonly priorIsValue: boolean
  private readonly footLine: number
  private scanPos: number
  private tokenPos: number
  private start: Mark = { offset: 0, line: 0, column: 0 }
  private text = ''
  private ahead = 0
  private line: number
  private column: number
  private recentEmpty = false
  private firstEmpty: boolean

  constructor(scanner: Scanner, scanStart: Mark, add: (comment: Comment) => void) {
    this.scanner = scanner
    this.add = add
    const { cursor, tokens } = scanner
    const last = tokens.at(-1)
    const prior = last?.kind === kinds.FLOW_ENTRY && tokens.length > 1 ? tokens.at(-2) : last
    this.priorIsValue = prior?.kind === kinds.VALUE
    this.tokenPos = prior?.offset ?? 0
    this.scanPos = scanStart.offset
    this.line = cursor.line
    this.column = cursor.column
    this.firstEmpty = cursor.newlines <= 1
    this.footLine = footLineOf(scanner, scanStart)
  }

  scan(): void {
    const { cursor, flowLevel } = this.scanner
    for (; this.ahead < lookAhead; this.ahead += 1) {
      this.column += 1
      const code = cursor.unitAt(this.ahead)
      if (isBlank(code)) continue
      const closesFlow = flowLevel > 0 && (code === 93 || code === 125)
      if (closesFlow || isBreakOrEnd(code)) {
        this.endLine(closesFlow, code)
        if (!isBreak(code)) break
        this.firstEmpty = false
        this.recentEmpty = true
        this.column = 0
        this.line += 1
        continue
      }
      if (this.text !== '' && this.column - 1 < this.nextIndent && this.column !== this.start.column) {
        this.addFoot()
      }
      if (code !== 35) break
      this.takeLine()
    }
    if (this.text === '') return
    const endPos = cursor.offset + this.ahead - 1
    this.push({ tokenPos: this.start.offset, endPos, head: this.text, foot: '' })
  }

  private get nextIndent(): number {
    return Math.max(this.scanner.indent, 0)
  }

  /** At the first empty line the comment so far may be a foot; at the end of a flow collection it is one. */
  private endLine(closesFlow: boolean, code: number): void {
    if (this.recentEmpty && !closesFlow) return
    const dedented = this.start.column - 1 < this.nextIndent
    const follows = this.start.line === this.footLine && !this.priorIsValue
    if (closesFlow || (this.firstEmpty && (follows || dedented))) {
      if (this.text === '') return
      if (dedented) this.tokenPos = this.start.offset
      this.addFoot()
    } else if (this.text !== '' && code !== 0) {
      this.text += '\n'
    }
  }

  private takeLine(): void {
    const { cursor } = this.scanner
    if (this.text === '') {
      this.start = { offset: cursor.offset + this.ahead, line: this.line, column: this.column }
    } else {
      this.text += '\n'
    }
    this.recentEmpty = false
    const target = cursor.offset + this.ahead
    while (cursor.offset < target) {
      if (isBreak(cursor.unit)) cursor.passBreak()
      else cursor.skip()
    }
    this.text += readComment(this.scanner)
    this.ahead = 0
    this.column = 0
    this.line = cursor.line
  }

  private addFoot(): void {
    const endPos = this.scanner.cursor.offset + this.ahead
    this.push({ tokenPos: this.tokenPos, endPos, head: '', foot: this.text })
    this.scanPos = endPos
    this.tokenPos = endPos
    this.text = ''
  }

  private push(comment: Pick<Comment, 'tokenPos' | 'endPos' | 'head' | 'foot'>): void {
    this.add({ ...comment, scanPos: this.scanPos, start: this.start, line: '' })
  }
}

/** The line in which a comment must begin to be a foot of what stands before it. */
function footLineOf({ cursor }: Scanner, scanStart: Mark): number {
  if (scanStart.line <= 0) return -1
  const line = cursor.line - cursor.newlines + 1
  return cursor.newlines === 0 && cursor.column > 1 ? line + 1 : line
}

function readComment({ cursor }: Scanner): string {
  const from = cursor.offset
  while (!isBreakOrEnd(cursor.unit)) cursor.offset += 1
  cursor.newlines = 0
  return cursor.text.slice(from, cursor.offset)
}

function joinLines(before: string, text: string): string {
  if (text === '') return before
  return before === '' ? text : `${before}\n${text}`
}
