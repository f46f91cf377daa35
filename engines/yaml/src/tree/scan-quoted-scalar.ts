import { isBlank, isBlankOrEnd, isBreak } from './cursor.ts'
import { isDocumentMarker } from './scan-plain-scalar.ts'
import type { Scanner } from './scanner.ts'
import { Token } from './token.ts'

/** Escapes of one letter in double quotes. */
const escapes = new Map<string, string>([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])
/** Digits of the numeric escapes. */
const hexWidths = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/** Scans a scalar in single or double quotes. */
export function scanQuotedScalar(scanner: Scanner, single: boolean): Token {
  const { cursor, mark } = scanner
  const { text } = cursor
  const quote = single ? 39 : 34
  let value = ''
  cursor.skip()
  for (;;) {
    if (cursor.pos === cursor.lineStart && isDocumentMarker(text, cursor.pos)) {
      scanner.fail('found unexpected document indicator', mark.line + 1)
    }
    if (cursor.code() === 0) scanner.fail('found unexpected end of stream', mark.line + 1)
    const word = scanWord(scanner, single)
    value += word.text
    if (cursor.code() === quote) break
    value += scanGap(scanner, word.joins)
  }
  cursor.skip()
  return new Token('scalar', mark, { value, style: single ? 'single' : 'double' })
}

/** Reads up to a blank, a break or the closing quote; `joins` when an escaped break ended it. */
function scanWord(scanner: Scanner, single: boolean): { text: string; joins: boolean } {
  const { cursor } = scanner
  const { text } = cursor
  let read = ''
  let from = cursor.pos
  for (;;) {
    const code = text.charCodeAt(cursor.pos)
    if (isBlankOrEnd(code)) break
    if (single && code === 39) {
      if (text.charCodeAt(cursor.pos + 1) !== 39) break
      read += text.slice(from, cursor.pos + 1)
      cursor.pos += 2
      from = cursor.pos
    } else if (!single && code === 34) {
      break
    } else if (!single && code === 92) {
      read += text.slice(from, cursor.pos)
      cursor.pos += 1
      if (isBreak(cursor.code())) {
        cursor.readBreak()
        return { text: read, joins: true }
      }
      read += scanEscape(scanner)
      from = cursor.pos
    } else {
      cursor.pos += 1
    }
  }
  if (cursor.pos > from || read !== '') cursor.newlines = 0
  return { text: read + text.slice(from, cursor.pos), joins: false }
}

function scanEscape(scanner: Scanner): string {
  const { cursor } = scanner
  const letter = cursor.text.charAt(cursor.pos)
  cursor.pos += 1
  const simple = escapes.get(letter)
  if (simple !== undefined) return simple
  const width = hexWidths.get(letter)
  if (width === undefined) return scanner.fail('found unknown escape character', cursor.line)
  const digits = cursor.text.slice(cursor.pos, cursor.pos + width)
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length < width) {
    scanner.fail('did not find expected hexdecimal number', cursor.line)
  }
  const code = Number.parseInt(digits, 16)
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    scanner.fail('found invalid Unicode character escape code', cursor.line)
  }
  cursor.pos += width
  return String.fromCodePoint(code)
}

/** Passes blanks and breaks; a single break folds to a space, or to nothing where an escape `joins`. */
function scanGap({ cursor }: Scanner, joins: boolean): string {
  let blanks = ''
  let firstBreak = ''
  let breaks = ''
  let broken = joins
  for (;;) {
    const code = cursor.code()
    if (isBlank(code)) {
      if (!broken) blanks += cursor.text.charAt(cursor.pos)
      cursor.pos += 1
    } else if (isBreak(code)) {
      if (broken) {
        breaks += cursor.readBreak()
      } else {
        blanks = ''
        firstBreak = cursor.readBreak()
        broken = true
      }
    } else {
      break
    }
  }
  if (!broken) return blanks
  if (firstBreak !== '\n') return firstBreak + breaks
  return breaks === '' ? ' ' : breaks
}
