import { isBlank, isBlankOrEnd, isBreak, normalizedBreak } from './characters.ts'
import type { Cursor, Mark } from './cursor.ts'
import { foldBreaks, isDocumentIndicator } from './plain-scalar.ts'

const simpleEscapes = new Map<number, string>([
  [48, '\0'],
  [97, '\x07'],
  [98, '\b'],
  [116, '\t'],
  [9, '\t'],
  [110, '\n'],
  [118, '\v'],
  [102, '\f'],
  [114, '\r'],
  [101, '\x1b'],
  [32, ' '],
  [34, '"'],
  [39, "'"],
  [92, '\\'],
  [78, '\x85'],
  [95, '\xa0'],
  [76, '\u2028'],
  [80, '\u2029'],
])
const codeLengths = new Map<number, number>([
  [120, 2],
  [117, 4],
  [85, 8],
])

/**
 * Reads a quoted scalar whose opening quote is at the cursor; the cursor ends after the closing one.
 *
 * @throws {YamlError} at a bad escape, a document indicator or the end of the text
 */
export function scanQuotedScalar(cursor: Cursor, quote: 34 | 39): string {
  const { text } = cursor
  const start = cursor.mark
  cursor.offset += 1
  const simpleEnd = endOfSimpleQuoted(text, cursor.offset, quote)
  if (simpleEnd >= 0) {
    const value = text.slice(cursor.offset, simpleEnd)
    cursor.offset = simpleEnd + 1
    return value
  }
  let value = ''
  for (;;) {
    if (isDocumentIndicator(cursor)) {
      throw cursor.error(start, 'found unexpected document indicator')
    }
    if (cursor.unit === 0) throw cursor.error(start, 'found unexpected end of stream')
    const words = scanWords(cursor, quote, start)
    value += words.text
    if (cursor.unit === quote) break
    value += scanQuotedGap(cursor, words.lineJoined)
  }
  cursor.offset += 1
  return value
}

/** Offset of the closing quote when everything before it is literal and on the same line, else -1. */
function endOfSimpleQuoted(text: string, from: number, quote: number): number {
  for (let offset = from; ; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === quote) {
      return quote === 39 && text.charCodeAt(offset + 1) === 39 ? -1 : offset
    }
    if (unit === 0 || (unit === 92 && quote === 34) || isBreak(unit)) return -1
  }
}

type Words = { readonly text: string; readonly lineJoined: boolean }

/** Reads up to a blank, a break or the closing quote. `lineJoined`: an escaped line break was the last thing. */
function scanWords(cursor: Cursor, quote: 34 | 39, start: Mark): Words {
  const { text } = cursor
  let value = ''
  for (;;) {
    const from = cursor.offset
    let offset = from
    let unit = text.charCodeAt(offset)
    for (; !endsRun(unit, quote); unit = text.charCodeAt(offset)) offset += 1
    value += text.slice(from, offset)
    cursor.offset = offset
    if (unit === 39 && quote === 39 && text.charCodeAt(offset + 1) === 39) {
      value += "'"
      cursor.offset += 2
    } else if (unit === 92 && quote === 34) {
      if (isBreak(text.charCodeAt(offset + 1))) {
        cursor.offset += 1
        cursor.skipBreak()
        return { text: value, lineJoined: true }
      }
      value += scanEscape(cursor, start)
    } else {
      return { text: value, lineJoined: false }
    }
  }
}

/** Whether a quoted scalar's run of plain characters ends before `unit`. */
function endsRun(unit: number, quote: 34 | 39): boolean {
  return unit === quote || (unit === 92 && quote === 34) || isBlankOrEnd(unit)
}

function scanEscape(cursor: Cursor, start: Mark): string {
  const unit = cursor.unitAt(1)
  const simple = simpleEscapes.get(unit)
  if (simple !== undefined) {
    cursor.offset += 2
    return simple
  }
  const length = codeLengths.get(unit)
  if (length === undefined) throw cursor.error(start, 'found unknown escape character')
  cursor.offset += 2
  const digits = cursor.text.slice(cursor.offset, cursor.offset + length)
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length !== length) {
    throw cursor.error(start, 'did not find expected hexdecimal number')
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw cursor.error(start, 'found invalid Unicode character escape code')
  }
  cursor.offset += length
  return String.fromCodePoint(code)
}

/** Blanks within a line stay; line breaks fold, and the blanks around them fall away. */
function scanQuotedGap(cursor: Cursor, lineJoined: boolean): string {
  const { text } = cursor
  const from = cursor.offset
  let first = ''
  let rest = ''
  let broken = lineJoined
  for (;;) {
    const { unit } = cursor
    if (isBlank(unit)) {
      cursor.offset += 1
    } else if (isBreak(unit)) {
      if (broken) {
        rest += normalizedBreak(unit)
      } else {
        first = normalizedBreak(unit)
        broken = true
      }
      cursor.skipBreak()
    } else {
      break
    }
  }
  if (!broken) return text.slice(from, cursor.offset)
  return first === '' ? rest : foldBreaks(first, rest)
}
