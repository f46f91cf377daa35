import { isPrint } from '../strconv/quote.ts'

const plain = /^[ !#-%(-;?-[\]-\u007f]*$/
const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
  ['=', '\\u003D'],
])

/** Escapes text for a JavaScript string. Source: https://pkg.go.dev/text/template#JSEscapeString */
export function jsEscape(text: string): string {
  return plain.test(text) && !text.includes('=') ? text : Array.from(text, escapeChar).join('')
}

function escapeChar(char: string): string {
  const known = escapes.get(char)
  if (known !== undefined) return known
  const code = char.codePointAt(0) ?? 0
  if (code >= 0x20 && code < 0x80) return char
  const isByte = code >= 0xd800 && code <= 0xdfff
  if (isByte || (code >= 0x80 && isPrint(code))) return char
  return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
}
