import { YamlError } from '../yaml-error.ts'
import { isBreak } from './characters.ts'

/** A place in the text: offset in UTF-16 units, line from 0, column in code points from 0. */
export type Mark = { readonly offset: number; readonly line: number; readonly column: number }

/** The place that scanning has reached. The text ends with U+0000, which occurs nowhere else in it. */
export class Cursor {
  readonly text: string
  offset = 0
  line = 0
  /** Offset of the first unit of the line. */
  lineStart = 0
  readonly #hasAstral: boolean
  /** From the beginning of line `#countedLine` to `#counted` there are `#pairs` characters of two units. */
  #countedLine = 0
  #counted = 0
  #pairs = 0

  constructor(text: string) {
    this.text = `${text}\0`
    this.#hasAstral = /[\ud800-\udfff]/.test(text)
  }

  get unit(): number {
    return this.text.charCodeAt(this.offset)
  }

  unitAt(distance: number): number {
    return this.text.charCodeAt(this.offset + distance)
  }

  get column(): number {
    return this.#hasAstral ? this.#columnOfCodePoints() : this.offset - this.lineStart
  }

  get mark(): Mark {
    return { offset: this.offset, line: this.line, column: this.column }
  }

  /**
   * An error at the cursor as go-yaml v2 words it: scanner errors count lines from 1, and the first line is never named.
   *
   * @param context where the construct began that could not be finished; names the line when the cursor is on the first
   */
  error(context: Mark, message: string): YamlError {
    return syntaxError(this.line === 0 ? context.line : this.line + 1, this.mark, message)
  }

  /** Steps over the break at the cursor; CR LF is one. */
  skipBreak(): void {
    this.offset += this.unit === 13 && this.unitAt(1) === 10 ? 2 : 1
    this.line += 1
    this.lineStart = this.offset
  }

  skipBlanks(): void {
    while (this.unit === 32 || this.unit === 9) this.offset += 1
  }

  /** Steps over a comment if one begins here, to the end of its line. */
  skipComment(): void {
    if (this.unit !== 35) return
    let { offset } = this
    let unit = 35
    while (unit !== 0 && !isBreak(unit)) {
      offset += 1
      unit = this.text.charCodeAt(offset)
    }
    this.offset = offset
  }

  /** Counts on from where it was last asked for: lines may be very long. */
  #columnOfCodePoints(): number {
    const { offset, lineStart, text } = this
    if (this.#countedLine !== lineStart || this.#counted > offset) {
      this.#countedLine = lineStart
      this.#counted = lineStart
      this.#pairs = 0
    }
    for (; this.#counted < offset; this.#counted += 1) {
      if ((text.charCodeAt(this.#counted) & 0xfc00) === 0xdc00) this.#pairs += 1
    }
    return offset - lineStart - this.#pairs
  }
}

/** An error of the grammar as go-yaml v2 words it; it counts the lines of these from 0, and never names the first. */
export function parserError(problem: Mark, context: Mark, message: string): YamlError {
  return syntaxError(problem.line === 0 ? context.line : problem.line, problem, message)
}

/** @param namedLine the line in the message; none is named when it is 0 */
export function syntaxError(namedLine: number, at: Mark, message: string): YamlError {
  const where = namedLine === 0 ? '' : `line ${namedLine}: `
  return new YamlError('YAML_SYNTAX', `yaml: ${where}${message}`, {
    line: at.line + 1,
    column: at.column + 1,
  })
}
