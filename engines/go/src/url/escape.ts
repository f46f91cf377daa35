import { bytesGoString, goStringBytes } from '../byte-string.ts'
import { GoError } from '../error.ts'
import { quote } from '../strconv/quote.ts'

/** The part of a URL that a text is in: each has its own characters that stand for themselves. */
export type UrlPart = 'path' | 'segment' | 'user' | 'host' | 'fragment'

/** Characters that need no escape, beyond letters, digits and `-_.~`. Source: net/url, shouldEscape, Go 1.26. */
const allowed: Readonly<Record<UrlPart, ReadonlySet<string>>> = {
  path: new Set('$&+,/:;=@'),
  segment: new Set('$&+:=@'),
  user: new Set('$&+,;='),
  host: new Set('!$&\'()*+,;=:[]<>"'),
  fragment: new Set('$&+,/:;=?@!()*'),
}

/** Escapes what must not stand in that part. */
export function escapeUrl(text: string, part: UrlPart): string {
  let out = ''
  for (const byte of goStringBytes(text)) {
    const character = String.fromCharCode(byte)
    out += standsForItself(character, part)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** Undoes escapes. @throws {GoError} for malformed ones, and for characters that a host cannot have */
export function unescapeUrl(text: string, part: UrlPart): string {
  if (part === 'host') checkHost(text)
  if (!text.includes('%')) return text
  const bytes: number[] = []
  const source = goStringBytes(text)
  for (let at = 0; at < source.length; at += 1) {
    const byte = source[at] ?? 0
    if (byte !== 37) {
      bytes.push(byte)
      continue
    }
    const escape = String.fromCharCode(...source.subarray(at, at + 3))
    const value = /^%[0-9a-fA-F]{2}$/.test(escape) ? Number.parseInt(escape.slice(1), 16) : -1
    // In a host only bytes beyond ASCII may be escaped.
    if (value < 0 || (part === 'host' && value < 0x80 && escape !== '%25')) {
      throw new GoError(`invalid URL escape ${quote(escape)}`)
    }
    bytes.push(value)
    at += 2
  }
  return bytesGoString(Uint8Array.from(bytes))
}

function checkHost(text: string): void {
  for (const character of text) {
    if (character === '%' || character > '\u007f' || standsForItself(character, 'host')) continue
    throw new GoError(`invalid character ${quote(character)} in host name`)
  }
}

function standsForItself(character: string, part: UrlPart): boolean {
  return /^[A-Za-z0-9\-_.~]$/.test(character) || allowed[part].has(character)
}
