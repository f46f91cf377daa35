const unprintable = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** The end of the text: control characters are refused before, so that it cannot occur within. */
const end = '\0'

/**
 * A position that moves through a text, counting lines as it goes.
 *
 * Columns count UTF-16 units from 0. Only leading spaces and indicators decide about structure, so they equal
 * go-yaml's columns wherever that matters.
 */
export class Cursor {
  readonly text: string
  pos = 0
  line = 0
  lineStart = 0
  /** Line breaks since the last character that was neither blank nor a break. */
  newlines = 0

  constructor(text: string) {
    this.text = text + end
  }

  get column(): number {
    return this.pos - this.lineStart
  }

  /** The code unit `ahead` of the position; 0 at the end. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.pos + ahead)
  }

  skip(): void {
    if (!isBlank(this.text.charCodeAt(this.pos))) this.newlines = 0
    this.pos += 1
  }

  /** Passes one line break, `\r\n` counting as one, and returns it as YAML reads it. */
  readBreak(): string {
    const { text, pos } = this
    const code = text.charCodeAt(pos)
    const width = code === 13 && text.charCodeAt(pos + 1) === 10 ? 2 : 1
    this.pos = pos + width
    this.line += 1
    this.lineStart = this.pos
    this.newlines += 1
    return code === 0x2028 || code === 0x2029 ? text.charAt(pos) : '\n'
  }
}

/** The first character of `text` that YAML does not allow, as an offset; -1 when there is none. */
export function firstUnprintable(text: string): number {
  return text.search(unprintable)
}

/** Space or tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

export function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029
}

/** Line break or end of the text. */
export function isBreakOrEnd(code: number): boolean {
  return code === 10 || code === 13 || code === 0 || code === 0x85 || code === 0x2028 || code === 0x2029
}

/** Blank, line break or end of the text. */
export function isBlankOrEnd(code: number): boolean {
  return code === 32 || code === 9 || isBreakOrEnd(code)
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Letters, digits, `_` and `-`: what anchors and tag handles are made of. */
export function isWordCharacter(code: number): boolean {
  return (
    isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45
  )
}
