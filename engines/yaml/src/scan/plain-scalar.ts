import { isBlank, isBlankOrEnd, isBreak, normalizedBreak } from './characters.ts'
import type { Cursor, Mark } from './cursor.ts'
import type { Token } from './token.ts'

/**
 * Reads the plain scalar that begins at the cursor into `token`. In block context it goes on over lines that are
 * indented by at least `indent`. The cursor ends after the blanks and breaks that follow.
 *
 * @returns whether a line break lies between the scalar's end and the cursor
 * @throws {YamlError} when a tab stands in the indentation of a continued line
 */
export function scanPlainScalar(
  cursor: Cursor,
  token: Token,
  { indent, inFlow }: { readonly indent: number; readonly inFlow: boolean },
): boolean {
  const { text } = cursor
  let value = ''
  let end = cursor.offset
  let multiline = false
  // What stood between the last words: nothing or blanks of one line, or the fold of line breaks.
  let between = ''
  while (!isDocumentIndicator(cursor) && cursor.unit !== 35) {
    const from = cursor.offset
    const to = inFlow ? endOfFlowWords(text, from) : endOfBlockWords(text, from)
    if (to === from) break
    value = value === '' ? text.slice(from, to) : value + between + text.slice(from, to)
    cursor.offset = to
    end = to
    multiline = false
    const unit = text.charCodeAt(to)
    if (!isBlank(unit) && !isBreak(unit)) break
    const { line } = cursor
    between = scanGap(cursor, indent, token)
    multiline = cursor.line > line
    if (!inFlow && cursor.column < indent) break
  }
  token.value = value
  token.end = end
  return multiline
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

/** Offset of the first unit that cannot belong to the run of words at `from`, outside of flow collections. */
function endOfBlockWords(text: string, from: number): number {
  for (let offset = from; ; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === 58) {
      if (isBlankOrEnd(text.charCodeAt(offset + 1))) return offset
    } else if ((unit <= 32 || unit >= 0x85) && isBlankOrEnd(unit)) {
      return offset
    }
  }
}

/** As {@link endOfBlockWords}; in flow collections `,?[]{}` end a word too. */
function endOfFlowWords(text: string, from: number): number {
  const end = endOfBlockWords(text, from)
  for (let offset = from; offset < end; offset += 1) {
    const unit = text.charCodeAt(offset)
    const isIndicator =
      unit === 44 || unit === 63 || unit === 91 || unit === 93 || unit === 123 || unit === 125
    if (isIndicator) return offset
  }
  return end
}

function scanGap(cursor: Cursor, indent: number, start: Mark): string {
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
        throw cursor.error(start, 'found a tab character that violates indentation')
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
