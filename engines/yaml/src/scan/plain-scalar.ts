import { isBlank, isBlankOrEnd, isBreak, normalizedBreak } from './characters.ts'
import { type Cursor, scannerError } from './cursor.ts'

/** A scalar's text and where its source ends. `multiline`: a line break lies between that end and the cursor. */
export type ScannedScalar = { readonly value: string; readonly end: number; readonly multiline: boolean }

/**
 * Reads a plain scalar. In block context it goes on over lines that are indented by at least `indent`.
 * The cursor ends after the blanks and breaks that follow.
 *
 * @throws {YamlError} when a tab stands in the indentation of a continued line
 */
export function scanPlainScalar(cursor: Cursor, indent: number, inFlow: boolean): ScannedScalar {
  const { text } = cursor
  const start = cursor.mark
  let value = ''
  let end = cursor.offset
  let multiline = false
  // What stood between the last words: nothing or blanks of one line, or the fold of line breaks.
  let between = ''
  for (;;) {
    if (isDocumentIndicator(cursor) || cursor.unit === 35) break
    const from = cursor.offset
    const to = endOfWords(text, from, inFlow)
    if (to === from) break
    value = value === '' ? text.slice(from, to) : value + between + text.slice(from, to)
    cursor.offset = to
    end = to
    multiline = false
    const unit = text.charCodeAt(to)
    if (!isBlank(unit) && !isBreak(unit)) break
    const { line } = cursor
    between = scanGap(cursor, indent, start)
    multiline = cursor.line > line
    if (!inFlow && cursor.column < indent) break
  }
  return { value, end, multiline }
}

/** Whether `---` or `...` stands alone at the beginning of the line. */
export function isDocumentIndicator(cursor: Cursor): boolean {
  if (cursor.offset !== cursor.lineStart) return false
  const { unit } = cursor
  return (
    (unit === 45 || unit === 46) &&
    cursor.unitAt(1) === unit &&
    cursor.unitAt(2) === unit &&
    isBlankOrEnd(cursor.unitAt(3))
  )
}

/** Offset of the first unit that cannot belong to the run of words at `from`. */
function endOfWords(text: string, from: number, inFlow: boolean): number {
  let offset = from
  for (;;) {
    const unit = text.charCodeAt(offset)
    if (unit > 58 && unit < 0x85) {
      if (inFlow && isFlowIndicator(unit)) return offset
    } else if (unit === 58) {
      if (isBlankOrEnd(text.charCodeAt(offset + 1))) return offset
    } else if (isBlankOrEnd(unit) || (inFlow && unit === 44)) {
      return offset
    }
    offset += 1
  }
}

/** One of `?[]{}`; the comma is seen to by the caller. */
function isFlowIndicator(unit: number): boolean {
  return unit === 63 || unit === 91 || unit === 93 || unit === 123 || unit === 125
}

function scanGap(cursor: Cursor, indent: number, start: Cursor['mark']): string {
  const { text } = cursor
  const from = cursor.offset
  while (isBlank(text.charCodeAt(cursor.offset))) cursor.offset += 1
  if (!isBreak(text.charCodeAt(cursor.offset))) return text.slice(from, cursor.offset)
  const first = normalizedBreak(cursor.unit)
  cursor.skipBreak()
  let rest = ''
  for (;;) {
    const { unit } = cursor
    if (isBreak(unit)) {
      rest += normalizedBreak(unit)
      cursor.skipBreak()
    } else if (isBlank(unit)) {
      if (unit === 9 && cursor.column < indent) {
        throw scannerError(cursor.mark, start, 'found a tab character that violates indentation')
      }
      cursor.offset += 1
    } else {
      return foldBreaks(first, rest)
    }
  }
}

/** Line breaks between words: one LF is a space, of more the first falls away; LS and PS stay. */
export function foldBreaks(first: string, rest: string): string {
  if (first !== '\n') return first + rest
  return rest === '' ? ' ' : rest
}
