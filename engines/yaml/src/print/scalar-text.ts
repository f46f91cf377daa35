import { isBreak } from '../scan/characters.ts'
import { isPrintable, type PrintStyle } from './scalar-style.ts'

/** Lines are folded at the first space beyond this column. */
const bestWidth = 80

/** Where a scalar is printed. */
export type Place = {
  /** Column of its first character. */
  readonly column: number
  /** Column of the lines that follow. */
  readonly indent: number
  /** Whether it must stay on one line. */
  readonly isKey: boolean
}

const escapes = new Map<number, string>([
  [0, '\\0'],
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [27, '\\e'],
  [34, '\\"'],
  [92, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
])

/** The text of a scalar in `style`, without what stands before it. A literal one may end with a line break. */
export function scalarText(text: string, style: PrintStyle, place: Place): string {
  switch (style) {
    case 'plain':
      return mayFold(text, place) ? foldWords(text, place, false) : text
    case 'single':
      return isBroken(text) || mayFold(text, place)
        ? foldSingle(text, place)
        : `'${text.replaceAll("'", "''")}'`
    case 'double':
      return doubleQuoted(text, place)
    case 'literal':
      return literal(text, place.indent)
  }
}

function mayFold(text: string, { column, isKey }: Place): boolean {
  return !isKey && column + text.length > bestWidth && text.includes(' ')
}

function isBroken(text: string): boolean {
  return /[\u2028\u2029]/.test(text)
}

/** Folds at single spaces beyond the width. `quoted` doubles quotes and spares the spaces at both ends. */
function foldWords(text: string, { column: start, indent }: Place, quoted: boolean): string {
  const pad = ' '.repeat(indent)
  let result = ''
  let from = 0
  let column = start
  for (let i = 0; i < text.length; i += 1) {
    const inner = !quoted || (i > 0 && i < text.length - 1)
    if (
      column > bestWidth &&
      inner &&
      text.charCodeAt(i) === 32 &&
      text.charCodeAt(i - 1) !== 32 &&
      text.charCodeAt(i + 1) !== 32
    ) {
      result += `${text.slice(from, i)}\n${pad}`
      from = i + 1
      column = indent
    } else {
      column += quoted && text.charCodeAt(i) === 39 ? 2 : 1
    }
  }
  result += text.slice(from)
  return quoted ? `'${result.replaceAll("'", "''")}'` : result
}

/** Single quotes round a text that may hold LS or PS, the only breaks that come here. */
function foldSingle(text: string, place: Place): string {
  if (!isBroken(text)) return foldWords(text, { ...place, column: place.column + 1 }, true)
  const pad = ' '.repeat(place.indent)
  let result = "'"
  let afterBreak = false
  for (const character of text) {
    const breaks = isBreak(character.charCodeAt(0))
    if (afterBreak && !breaks) result += pad
    result += character === "'" ? "''" : character
    afterBreak = breaks
  }
  return `${result}'`
}

function doubleQuoted(text: string, { column: start, indent, isKey }: Place): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text) && start + text.length <= bestWidth) return `"${text}"`
  // go-yaml takes every character for a byte order mark when the text begins with one.
  const escapesAll = text.startsWith('\ufeff')
  let result = '"'
  let column = start + 1
  let afterSpace = false
  for (let i = 0; i < text.length; i += 1) {
    const code = text.codePointAt(i) ?? 0
    let piece: string
    if (code === 32 && !escapesAll) {
      if (!isKey && !afterSpace && column > bestWidth && i > 0 && i < text.length - 1) {
        result += `\n${' '.repeat(indent)}`
        column = indent
        piece = text.charCodeAt(i + 1) === 32 ? '\\' : ''
      } else {
        piece = ' '
      }
      afterSpace = true
    } else {
      piece = escapesAll ? escaped(code) : doubleQuotedPiece(code)
      afterSpace = false
    }
    if (code > 0xffff) i += 1
    result += piece
    column += piece.length
  }
  return `${result}"`
}

function doubleQuotedPiece(code: number): string {
  if (code !== 34 && code !== 92 && code <= 0xffff && isPrintable(code) && !isBreak(code)) {
    return String.fromCharCode(code)
  }
  return escaped(code)
}

function escaped(code: number): string {
  const simple = escapes.get(code)
  if (simple !== undefined) return simple
  const digits = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}

function literal(text: string, indent: number): string {
  const pad = ' '.repeat(indent)
  const first = text.charCodeAt(0)
  const indentHint = first === 32 || isBreak(first) ? '2' : ''
  const last = text.charCodeAt(text.length - 1)
  let chomping = ''
  if (!isBreak(last)) chomping = '-'
  else if (text.length === 1 || isBreak(text.charCodeAt(text.length - 2))) chomping = '+'
  return `|${indentHint}${chomping}\n${text.replaceAll(/^(?=[^\n\r\x85\u2028\u2029])/gm, pad)}`
}
