import { isBlank, isBreak, isBreakOrEnd, normalizedBreak } from './characters.ts'
import type { Cursor, Mark } from './cursor.ts'

type Header = { readonly chomping: 'strip' | 'clip' | 'keep'; readonly increment: number }
type Breaks = { readonly text: string; readonly indent: number }

/**
 * Reads a literal or folded scalar whose indicator is at the cursor.
 *
 * @param parentIndent column of the collection around it, -1 at the top
 * @throws {YamlError} at a bad header or a tab in the indentation
 */
export function scanBlockScalar(
  cursor: Cursor,
  parentIndent: number,
): { readonly value: string; readonly end: number } {
  const literal = cursor.unit === 124
  const start = cursor.mark
  cursor.offset += 1
  const { chomping, increment } = scanHeader(cursor, start)
  let end = cursor.offset
  let indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0
  let value = ''
  let lineBreak = ''
  let wasIndented = false
  let breaks = scanBreaks(cursor, indent, { parentIndent, start })
  ;({ indent } = breaks)
  while (cursor.column === indent && cursor.unit !== 0) {
    const indented = isBlank(cursor.unit)
    if (!literal && lineBreak === '\n' && !wasIndented && !indented) {
      if (breaks.text === '') value += ' '
    } else {
      value += lineBreak
    }
    const from = cursor.offset
    skipToEndOfLine(cursor)
    value += breaks.text + cursor.text.slice(from, cursor.offset)
    end = cursor.offset
    wasIndented = indented
    lineBreak = ''
    if (isBreak(cursor.unit)) {
      lineBreak = normalizedBreak(cursor.unit)
      cursor.skipBreak()
    }
    breaks = scanBreaks(cursor, indent, { parentIndent, start })
  }
  if (chomping !== 'strip') value += lineBreak
  if (chomping === 'keep') value += breaks.text
  return { value, end }
}

function scanHeader(cursor: Cursor, start: Mark): Header {
  let chomping: Header['chomping'] = 'clip'
  let increment = 0
  // At most one of each, in either order.
  for (let seen = ''; ; ) {
    const { unit } = cursor
    if ((unit === 43 || unit === 45) && !seen.includes('c')) {
      chomping = unit === 43 ? 'keep' : 'strip'
      seen += 'c'
    } else if (unit >= 48 && unit <= 57 && !seen.includes('i')) {
      if (unit === 48) {
        throw cursor.error(start, 'found an indentation indicator equal to 0')
      }
      increment = unit - 48
      seen += 'i'
    } else {
      break
    }
    cursor.offset += 1
  }
  cursor.skipBlanks()
  cursor.skipComment()
  if (!isBreakOrEnd(cursor.unit)) {
    throw cursor.error(start, 'did not find expected comment or line break')
  }
  if (isBreak(cursor.unit)) cursor.skipBreak()
  return { chomping, increment }
}

/** Steps over indentation and empty lines. With `indent` 0 the deepest of them decides the indentation. */
function scanBreaks(
  cursor: Cursor,
  indent: number,
  { parentIndent, start }: { readonly parentIndent: number; readonly start: Mark },
): Breaks {
  let text = ''
  let deepest = 0
  for (;;) {
    const column = skipIndentation(cursor, indent === 0 ? Number.POSITIVE_INFINITY : indent)
    if (column > deepest) deepest = column
    if (cursor.unit === 9 && (indent === 0 || column < indent)) {
      throw cursor.error(start, 'found a tab character where an indentation space is expected')
    }
    if (!isBreak(cursor.unit)) break
    text += normalizedBreak(cursor.unit)
    cursor.skipBreak()
  }
  return { text, indent: indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent }
}

/** Steps over spaces up to `column`; tells the column that is reached. */
function skipIndentation(cursor: Cursor, column: number): number {
  const limit = cursor.lineStart + column
  while (cursor.unit === 32 && cursor.offset < limit) cursor.offset += 1
  return cursor.offset - cursor.lineStart
}

function skipToEndOfLine(cursor: Cursor): void {
  let { offset } = cursor
  while (!isBreakOrEnd(cursor.text.charCodeAt(offset))) offset += 1
  cursor.offset = offset
}
