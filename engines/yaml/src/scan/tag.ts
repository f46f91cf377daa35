import { charSet, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWord } from './characters.ts'
import type { Cursor, Mark } from './cursor.ts'

const uriSigns = charSet(";/?:@&=+$,.!~*'()[]%")
const decoder = new TextDecoder('utf-8', { fatal: true })

/** A tag as written: `!!str` has handle `!!`; a verbatim one and a lone `!` have none. */
export type TagName = { readonly handle: string; readonly suffix: string }

/**
 * Reads a tag whose `!` is at the cursor.
 *
 * @param commaMayFollow as go-yaml v3 has it in flow collections
 * @throws {YamlError} when it is malformed
 */
export function scanTag(cursor: Cursor, commaMayFollow = false): TagName {
  const start = cursor.mark
  let tag: TagName
  if (cursor.unitAt(1) === 60) {
    cursor.offset += 2
    const suffix = scanUri(cursor, '', start)
    if (cursor.unit !== 62) throw cursor.error(start, "did not find the expected '>'")
    cursor.offset += 1
    tag = { handle: '', suffix }
  } else {
    const handle = scanHandle(cursor)
    if (handle.length > 1 && handle.endsWith('!')) {
      tag = { handle, suffix: scanUri(cursor, '', start) }
    } else {
      const suffix = scanUri(cursor, handle, start)
      tag = suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
    }
  }
  if (!isBlankOrEnd(cursor.unit) && !(commaMayFollow && cursor.unit === 44)) {
    throw cursor.error(start, 'did not find expected whitespace or line break')
  }
  return tag
}

/** A directive before a document: the version of YAML or the meaning of a tag handle. */
export type Directive =
  | { readonly kind: 'version'; readonly major: number; readonly minor: number }
  | { readonly kind: 'tag'; readonly handle: string; readonly prefix: string }

/** Reads a directive whose `%` is at the cursor, with the end of its line. @throws {YamlError} when it is malformed */
export function scanDirective(cursor: Cursor): Directive {
  const start = cursor.mark
  cursor.offset += 1
  const name = scanWord(cursor)
  if (name === '') throw cursor.error(start, 'could not find expected directive name')
  if (!isBlankOrEnd(cursor.unit)) {
    throw cursor.error(start, 'found unexpected non-alphabetical character')
  }
  let directive: Directive
  if (name === 'YAML') {
    directive = scanVersion(cursor, start)
  } else if (name === 'TAG') {
    directive = scanTagDirective(cursor, start)
  } else {
    throw cursor.error(start, 'found unknown directive name')
  }
  cursor.skipBlanks()
  cursor.skipComment()
  if (!isBreakOrEnd(cursor.unit)) {
    throw cursor.error(start, 'did not find expected comment or line break')
  }
  if (isBreak(cursor.unit)) cursor.skipBreak()
  return directive
}

/** Reads letters, digits, `_` and `-`. */
export function scanWord(cursor: Cursor): string {
  const from = cursor.offset
  while (isWord(cursor.unit)) cursor.offset += 1
  return cursor.text.slice(from, cursor.offset)
}

function scanVersion(cursor: Cursor, start: Mark): Directive {
  cursor.skipBlanks()
  const major = scanVersionNumber(cursor, start)
  if (cursor.unit !== 46) {
    throw cursor.error(start, "did not find expected digit or '.' character")
  }
  cursor.offset += 1
  return { kind: 'version', major, minor: scanVersionNumber(cursor, start) }
}

function scanVersionNumber(cursor: Cursor, start: Mark): number {
  const from = cursor.offset
  while (cursor.unit >= 48 && cursor.unit <= 57) {
    cursor.offset += 1
    if (cursor.offset - from > 2) {
      throw cursor.error(start, 'found extremely long version number')
    }
  }
  if (cursor.offset === from) {
    throw cursor.error(start, 'did not find expected version number')
  }
  return Number(cursor.text.slice(from, cursor.offset))
}

function scanTagDirective(cursor: Cursor, start: Mark): Directive {
  cursor.skipBlanks()
  if (cursor.unit !== 33) throw cursor.error(start, "did not find expected '!'")
  const handle = scanHandle(cursor)
  if (handle !== '!' && !handle.endsWith('!')) {
    throw cursor.error(start, "did not find expected '!'")
  }
  if (!isBlank(cursor.unit)) throw cursor.error(start, 'did not find expected whitespace')
  cursor.skipBlanks()
  const prefix = scanUri(cursor, '', start)
  if (!isBlankOrEnd(cursor.unit)) {
    throw cursor.error(start, 'did not find expected whitespace or line break')
  }
  return { kind: 'tag', handle, prefix }
}

/** `!`, `!word` or `!word!`. */
function scanHandle(cursor: Cursor): string {
  const from = cursor.offset
  cursor.offset += 1
  scanWord(cursor)
  if (cursor.unit === 33) cursor.offset += 1
  return cursor.text.slice(from, cursor.offset)
}

/** Reads a URI after `head`, of which the leading `!` does not count. */
function scanUri(cursor: Cursor, head: string, start: Mark): string {
  let uri = head.slice(1)
  let found = head !== ''
  while (isWord(cursor.unit) || uriSigns.has(cursor.unit)) {
    found = true
    if (cursor.unit === 37) {
      uri += scanUriEscapes(cursor, start)
    } else {
      uri += cursor.text[cursor.offset]
      cursor.offset += 1
    }
  }
  if (!found) throw cursor.error(start, 'did not find expected tag URI')
  return uri
}

/** `%C3%A9`: the bytes of one character. */
function scanUriEscapes(cursor: Cursor, start: Mark): string {
  const bytes: number[] = []
  let length = 1
  while (bytes.length < length) {
    const digits = /^%[0-9a-fA-F]{2}$/.exec(cursor.text.slice(cursor.offset, cursor.offset + 3))
    if (!digits) throw cursor.error(start, 'did not find URI escaped octet')
    const byte = Number.parseInt(digits[0].slice(1), 16)
    if (bytes.length === 0) {
      length = utf8Length(byte)
      if (length === 0) throw cursor.error(start, 'found an incorrect leading UTF-8 octet')
    } else if ((byte & 0xc0) !== 0x80) {
      throw cursor.error(start, 'found an incorrect trailing UTF-8 octet')
    }
    bytes.push(byte)
    cursor.offset += 3
  }
  try {
    return decoder.decode(Uint8Array.from(bytes))
  } catch {
    // Well formed octets of no character, such as an overlong form.
    return '\ufffd'
  }
}

function utf8Length(byte: number): number {
  if (byte < 0x80) return 1
  if ((byte & 0xe0) === 0xc0) return 2
  if ((byte & 0xf0) === 0xe0) return 3
  return (byte & 0xf8) === 0xf0 ? 4 : 0
}
