import { isBlank, isBreak, isBreakOrEnd } from './cursor.ts'
import type { Scanner } from './scanner.ts'
import type { Mark, Token } from './token.ts'

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
      if (!comment || token.pos < comment.tokenPos) return
      // The end of a block has no head: the comment waits for what follows.
      if (comment.head !== '' && token.kind === 'blockEnd') return
      this.head = joinLines(this.head, comment.head)
      this.foot = joinLines(this.foot, comment.foot)
      this.line = joinLines(this.line, comment.line)
    }
    this.queue = []
    this.next = 0
  }

  /** A comment right after the first `-` of a sequence belongs to what follows, unless nothing follows in the line. */
  lineBecomesHead(code: number): void {
    const { tokens, cursor, mark } = this.scanner
    const comment = this.queue.at(-1)
    if (!comment || comment.line === '' || isBreak(code)) return
    if (tokens.at(-2)?.kind !== 'blockSequenceStart' || tokens.at(-1)?.kind !== 'blockEntry') return
    comment.head = comment.line
    comment.line = ''
    if (comment.start.line === cursor.line - 1) comment.tokenPos = mark.pos
  }

  /** Where the block at `indent` ends: before the comments that stand at its column. */
  footOf(indent: number, mark: Mark): Mark {
    let found = mark
    let stop = mark.pos
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
    while (ahead < lookAhead && isBlank(cursor.code(ahead))) ahead += 1
    if (ahead === lookAhead || cursor.code(ahead) !== 35) return
    cursor.pos += ahead
    const start = this.scanner.mark
    const line = this.readToLineEnd()
    this.queue.push({ scanPos: 0, tokenPos, start, endPos: 0, head: '', line, foot: '' })
  }

  /** Takes the comments from the cursor, which is at a `#`, on; `scanStart` is the end of the token before. */
  scan(scanStart: Mark): void {
    new CommentBlock(this.scanner, scanStart, (comment) => this.queue.push(comment)).scan()
  }

  private readToLineEnd(): string {
    return readComment(this.scanner)
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
  private start: Mark = { pos: 0, line: 0, column: 0 }
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
    const prior = last?.kind === 'flowEntry' && tokens.length > 1 ? tokens.at(-2) : last
    this.priorIsValue = prior?.kind === 'value'
    this.tokenPos = prior?.pos ?? 0
    this.scanPos = scanStart.pos
    this.line = cursor.line
    this.column = cursor.column
    this.firstEmpty = cursor.newlines <= 1
    this.footLine = footLineOf(scanner, scanStart)
  }

  scan(): void {
    const { cursor, flowLevel } = this.scanner
    for (; this.ahead < lookAhead; this.ahead += 1) {
      this.column += 1
      const code = cursor.code(this.ahead)
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
    const endPos = cursor.pos + this.ahead - 1
    this.push({ tokenPos: this.start.pos, endPos, head: this.text, foot: '' })
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
      if (dedented) this.tokenPos = this.start.pos
      this.addFoot()
    } else if (this.text !== '' && code !== 0) {
      this.text += '\n'
    }
  }

  private takeLine(): void {
    const { cursor } = this.scanner
    if (this.text === '') {
      this.start = { pos: cursor.pos + this.ahead, line: this.line, column: this.column }
    } else {
      this.text += '\n'
    }
    this.recentEmpty = false
    const target = cursor.pos + this.ahead
    while (cursor.pos < target) {
      if (isBreak(cursor.code())) cursor.readBreak()
      else cursor.skip()
    }
    this.text += readComment(this.scanner)
    this.ahead = 0
    this.column = 0
    this.line = cursor.line
  }

  private addFoot(): void {
    const endPos = this.scanner.cursor.pos + this.ahead
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
  const from = cursor.pos
  while (!isBreakOrEnd(cursor.code())) cursor.pos += 1
  cursor.newlines = 0
  return cursor.text.slice(from, cursor.pos)
}

function joinLines(before: string, text: string): string {
  if (text === '') return before
  return before === '' ? text : `${before}\n${text}`
}
