import { ToolkitError } from '@sluice/ports'

/** A complaint about an expression. Columns count code points from 1; line -1 stands for no place at all. */
export type CelIssue = { readonly line: number; readonly column: number; readonly message: string }

/** An expression that cannot be compiled. `message` shows every issue with its line and a marker below. */
export class CelCompileError extends ToolkitError {
  override readonly name = 'CelCompileError'
  readonly stage: 'parse' | 'check'
  readonly issues: readonly CelIssue[]

  constructor(stage: 'parse' | 'check', issues: readonly CelIssue[], message: string) {
    super(stage === 'parse' ? 'CEL_PARSE_FAILED' : 'CEL_CHECK_FAILED', message)
    this.stage = stage
    this.issues = issues
  }
}

/** An expression's text by code points, and where its lines begin. */
export class CelSource {
  readonly text: string
  readonly codePoints: readonly string[]
  readonly #lineStarts: readonly number[]

  constructor(text: string) {
    this.text = text
    this.codePoints = isAscii(text) ? text.split('') : Array.from(text)
    const starts = [0]
    this.codePoints.forEach((character, index) => {
      if (character === '\n') starts.push(index + 1)
    })
    this.#lineStarts = starts
  }

  /** Line from 1 and column from 0 of an offset in code points. */
  place(offset: number): { readonly line: number; readonly column: number } {
    // An empty text has no place at all in it, which shows as column 0.
    if (this.codePoints.length === 0) return { line: 1, column: -1 }
    let line = 0
    while (line + 1 < this.#lineStarts.length && (this.#lineStarts[line + 1] ?? 0) <= offset) line++
    return { line: line + 1, column: offset - (this.#lineStarts[line] ?? 0) }
  }

  /** The text of a line, counted from 1. */
  line(number: number): string | undefined {
    const start = this.#lineStarts[number - 1]
    if (start === undefined || this.codePoints.length === 0) return undefined
    const next = this.#lineStarts[number]
    return this.codePoints.slice(start, next === undefined ? undefined : next - 1).join('')
  }
}

/** Collects issues while an expression is read. An issue's place is an offset, or -1 for none. */
export class IssueList {
  readonly source: CelSource
  readonly #issues: CelIssue[] = []

  constructor(source: CelSource) {
    this.source = source
  }

  get isEmpty(): boolean {
    return this.#issues.length === 0
  }

  report(offset: number, message: string): void {
    if (offset < 0) {
      this.#issues.push({ line: -1, column: 0, message })
      return
    }
    const { line, column } = this.source.place(offset)
    this.#issues.push({ line, column: column + 1, message })
  }

  toError(stage: 'parse' | 'check'): CelCompileError {
    const sorted = this.#issues
      .map((issue, index) => ({ issue, index }))
      .toSorted((a, b) => a.issue.line - b.issue.line || a.issue.column - b.issue.column || a.index - b.index)
      .map(({ issue }) => issue)
    const shown = sorted.slice(0, maxShown)
    const lines = shown.map((issue) => this.#show(issue))
    if (sorted.length > maxShown) lines.push(`${sorted.length - maxShown} more errors were truncated`)
    return new CelCompileError(stage, sorted, lines.join('\n'))
  }

  #show({ line, column, message }: CelIssue): string {
    const head = `ERROR: <input>:${line}:${column}: ${message}`
    const text = line < 0 ? undefined : this.source.line(line)
    if (text === undefined) return head
    const snippet = text.replaceAll('\t', ' ')
    const before = Array.from(snippet)
      .slice(0, column - 1)
      .map((it) => (isWide(it) ? '．' : '.'))
    const at = Array.from(snippet)[column - 1]
    return `${head}\n | ${snippet}\n | ${before.join('')}${at !== undefined && isWide(at) ? '＾' : '^'}`
  }
}

const maxShown = 100

/** Whether a character takes more than one byte, for which the marker line has full-width signs. */
function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) > 0x7f
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}
