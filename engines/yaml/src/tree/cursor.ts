import { isBlank } from '../scan/characters.ts'
import { Cursor, type Mark, syntaxError } from '../scan/cursor.ts'
import type { YamlError } from '../yaml-error.ts'

const unprintable = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** A cursor that knows how many lines lie between it and the text before it, on which comments depend. */
export class CommentCursor extends Cursor {
  /** Line breaks since the last character that was neither blank nor a break. */
  newlines = 0

  /** An error as go-yaml v3 words it: it names the line where the construct began, unless that is the first. */
  override error(context: Mark, message: string): YamlError {
    const line = context.line === 0 ? this.line : context.line
    return syntaxError(line === 0 ? 0 : line + 1, this.mark, message)
  }

  /** Steps over one unit that is no break. */
  skip(): void {
    if (!isBlank(this.unit)) this.newlines = 0
    this.offset += 1
  }

  /** Steps over the break at the cursor. */
  passBreak(): void {
    this.skipBreak()
    this.newlines += 1
  }
}

/** The first character of `text` that YAML does not allow, as an offset; -1 when there is none. */
export function firstUnprintable(text: string): number {
  return text.search(unprintable)
}
