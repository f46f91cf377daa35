import { bytesGoString, goStringBytes } from '../byte-string.ts'
import { GoError } from '../error.ts'

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const plainAscii = /^[ !#-[\]-~]*$/

const escapes: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
])

const unescapes: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
  ['\\', 92],
])

/** A Go string literal in double quotes. Source: https://pkg.go.dev/strconv#Quote */
export function quote(text: string): string {
  return plainAscii.test(text) ? `"${text}"` : quoteWith(text, '"', false)
}

/** As {@link quote} with everything beyond ASCII escaped. */
export function quoteToAscii(text: string): string {
  return quoteWith(text, '"', true)
}

/** A Go character literal. A code point that is none becomes U+FFFD. */
export function quoteRune(rune: number, asciiOnly = false): string {
  return quoteWith(runeString(rune), "'", asciiOnly)
}

/** The character of a code point; U+FFFD for what is none. */
export function runeString(rune: number): string {
  const valid = rune >= 0 && rune <= 0x10ffff && (rune < 0xd800 || rune > 0xdfff)
  return String.fromCodePoint(valid ? rune : 0xfffd)
}

/** Whether Go's unicode.IsPrint holds: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrint(rune: number): boolean {
  if (rune >= 0x20 && rune < 0x7f) return true
  return rune > 0xa0 && printable.test(String.fromCodePoint(rune))
}

/** Whether a text can stand unchanged between backquotes. */
export function canBackquote(text: string): boolean {
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const control = (code < 0x20 && code !== 9) || code === 0x7f
    if (control || code === 0x60 || code === 0xfeff || (code >= 0xd800 && code <= 0xdfff)) return false
  }
  return true
}

function quoteWith(text: string, mark: string, asciiOnly: boolean): string {
  let out = mark
  for (const char of text) out += escapeChar(char, mark, asciiOnly)
  return out + mark
}

function escapeChar(char: string, mark: string, asciiOnly: boolean): string {
  const code = char.codePointAt(0) ?? 0
  if (char === mark || char === '\\') return `\\${char}`
  if (code >= 0x20 && code < 0x7f) return char
  if (code > 0x7f && !asciiOnly && isPrint(code)) return char
  const short = escapes.get(code)
  if (short !== undefined) return short
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code & 0xff, 2)}`
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, '0')
}

/**
 * The value of a Go string or character literal with its quotes.
 *
 * Source: https://pkg.go.dev/strconv#Unquote
 * @throws {GoError} `invalid syntax`
 */
export function unquote(literal: string): string {
  const mark = literal[0]
  if (literal.length < 2 || mark !== literal.at(-1)) throw invalidSyntax()
  const inner = literal.slice(1, -1)
  if (mark === '`') {
    if (inner.includes('`')) throw invalidSyntax()
    return inner.replaceAll('\r', '')
  }
  if ((mark !== '"' && mark !== "'") || inner.includes('\n')) throw invalidSyntax()
  if (mark === '"' && !inner.includes('\\') && !inner.includes('"')) return inner
  const { text, count } = unescapeAll(inner, mark)
  if (mark === "'" && count !== 1) throw invalidSyntax()
  return text
}

/**
 * The character at the start of an escaped text, as a code point, and what follows.
 *
 * Source: https://pkg.go.dev/strconv#UnquoteChar
 * @throws {GoError} `invalid syntax`
 */
export function unquoteChar(text: string, mark: string): { readonly rune: number; readonly tail: string } {
  if (text === '' || (text[0] === mark && (mark === "'" || mark === '"'))) throw invalidSyntax()
  const code = text.codePointAt(0) ?? 0
  if (text[0] !== '\\') {
    const width = code > 0xffff ? 2 : 1
    return { rune: code >= 0xd800 && code <= 0xdfff ? 0xfffd : code, tail: text.slice(width) }
  }
  const { value, width } = unescapeOne(text, 0, mark)
  return { rune: value, tail: text.slice(width) }
}

function unescapeAll(inner: string, mark: string): { readonly text: string; readonly count: number } {
  let text = ''
  let count = 0
  let bytes = false
  for (let at = 0; at < inner.length; count += 1) {
    const char = inner[at] ?? ''
    if (char === mark) throw invalidSyntax()
    if (char !== '\\') {
      const width = (inner.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
      text += inner.slice(at, at + width)
      at += width
      continue
    }
    const { value, width, isByte } = unescapeOne(inner, at, mark)
    bytes ||= isByte && value > 0x7f
    text += isByte && value > 0x7f ? String.fromCharCode(0xdc00 + value) : runeString(value)
    at += width
  }
  return { text: bytes ? bytesGoString(goStringBytes(text)) : text, count }
}

type Escape = { readonly value: number; readonly width: number; readonly isByte: boolean }

function unescapeOne(text: string, at: number, mark: string): Escape {
  const kind = text[at + 1] ?? ''
  const short = unescapes.get(kind)
  if (short !== undefined) return { value: short, width: 2, isByte: false }
  if (kind === mark && (mark === '"' || mark === "'")) {
    return { value: kind.charCodeAt(0), width: 2, isByte: false }
  }
  if (kind === 'x') return { value: digits(text.slice(at + 2, at + 4), 2, 16), width: 4, isByte: true }
  if (kind === 'u' || kind === 'U') {
    const length = kind === 'u' ? 4 : 8
    const value = digits(text.slice(at + 2, at + 2 + length), length, 16)
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) throw invalidSyntax()
    return { value, width: 2 + length, isByte: false }
  }
  if (kind >= '0' && kind <= '7') {
    const value = digits(text.slice(at + 1, at + 4), 3, 8)
    if (value > 255) throw invalidSyntax()
    return { value, width: 4, isByte: true }
  }
  throw invalidSyntax()
}

function digits(text: string, length: number, base: 8 | 16): number {
  const valid = base === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/
  if (text.length !== length || !valid.test(text)) throw invalidSyntax()
  return Number.parseInt(text, base)
}

function invalidSyntax(): GoError {
  return new GoError('invalid syntax')
}
