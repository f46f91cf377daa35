import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, isWordCharacter } from './cursor.ts'
import type { Scanner } from './scanner.ts'
import { Token } from './token.ts'

const uriCharacter = /[\w\-;/?:@&=+$,.!~*'()[\]%]/
/** What may follow an anchor's name. */
const afterAnchor = new Set('?:,]}%@`'.split('').map((it) => it.charCodeAt(0)))

/** Scans `&name` or `*name`. */
export function scanAnchor(scanner: Scanner, kind: 'anchor' | 'alias'): Token {
  const { cursor, mark } = scanner
  cursor.skip()
  const from = cursor.pos
  while (isWordCharacter(cursor.code())) cursor.pos += 1
  const value = cursor.text.slice(from, cursor.pos)
  if (value === '' || !(isBlankOrEnd(cursor.code()) || afterAnchor.has(cursor.code()))) {
    scanner.fail('did not find expected alphabetic or numeric character', mark.line + 1)
  }
  return new Token(kind, mark, { value })
}

/** Scans `!<uri>`, `!suffix`, `!!suffix` or `!handle!suffix`; the handle is empty for the first. */
export function scanTag(scanner: Scanner): Token {
  const { cursor, mark } = scanner
  let value = ''
  let suffix: string
  if (cursor.code(1) === 60) {
    cursor.pos += 2
    suffix = scanUri(scanner, '')
    if (cursor.code() !== 62) scanner.fail("did not find the expected '>'", mark.line + 1)
    cursor.pos += 1
  } else {
    value = scanHandle(scanner, false)
    if (value.length > 1 && value.endsWith('!')) {
      suffix = scanUri(scanner, '')
    } else {
      suffix = scanUri(scanner, value)
      value = '!'
      // The tag `!` alone has no handle of its own.
      if (suffix === '') [value, suffix] = ['', '!']
    }
  }
  cursor.newlines = 0
  if (!isBlankOrEnd(cursor.code()) && !(scanner.flowLevel > 0 && cursor.code() === 44)) {
    scanner.fail('did not find expected whitespace or line break', mark.line + 1)
  }
  return new Token('tag', mark, { value, suffix })
}

/** Scans `%YAML` or `%TAG` up to and with its line break. */
export function scanDirective(scanner: Scanner): Token {
  const { cursor, mark } = scanner
  cursor.skip()
  const from = cursor.pos
  while (isWordCharacter(cursor.code())) cursor.pos += 1
  const name = cursor.text.slice(from, cursor.pos)
  let token: Token
  if (name === 'YAML') {
    skipBlanks(scanner)
    token = new Token('versionDirective', mark, { value: scanVersion(scanner) })
  } else if (name === 'TAG') {
    skipBlanks(scanner)
    const value = scanHandle(scanner, true)
    if (!isBlank(cursor.code())) scanner.fail('did not find expected whitespace', mark.line + 1)
    skipBlanks(scanner)
    token = new Token('tagDirective', mark, { value, suffix: scanUri(scanner, '') })
  } else {
    return scanner.fail('found unknown directive name', mark.line + 1)
  }
  skipBlanks(scanner)
  if (cursor.code() === 35) {
    while (!isBreakOrEnd(cursor.code())) cursor.pos += 1
  }
  if (!isBreakOrEnd(cursor.code())) {
    scanner.fail('did not find expected comment or line break', mark.line + 1)
  }
  if (isBreak(cursor.code())) cursor.readBreak()
  return token
}

function skipBlanks({ cursor }: Scanner): void {
  while (isBlank(cursor.code())) cursor.pos += 1
}

function scanVersion(scanner: Scanner): string {
  const { cursor } = scanner
  const from = cursor.pos
  while (isDigit(cursor.code()) || cursor.code() === 46) cursor.pos += 1
  const version = cursor.text.slice(from, cursor.pos)
  if (!/^\d{1,9}\.\d{1,9}$/.test(version)) {
    scanner.fail('did not find expected version number', cursor.line + 1)
  }
  return version
}

function scanHandle(scanner: Scanner, directive: boolean): string {
  const { cursor } = scanner
  if (cursor.code() !== 33) scanner.fail("did not find expected '!'", cursor.line + 1)
  const from = cursor.pos
  cursor.pos += 1
  while (isWordCharacter(cursor.code())) cursor.pos += 1
  if (cursor.code() === 33) cursor.pos += 1
  const handle = cursor.text.slice(from, cursor.pos)
  if (directive && handle !== '!' && !(handle.length > 1 && handle.endsWith('!'))) {
    scanner.fail("did not find expected '!'", cursor.line + 1)
  }
  return handle
}

/** Reads the rest of a tag; `read` is what was taken for a handle but is its beginning. */
function scanUri(scanner: Scanner, read: string): string {
  const { cursor } = scanner
  const from = cursor.pos
  while (cursor.code() !== 0 && uriCharacter.test(cursor.text.charAt(cursor.pos))) cursor.pos += 1
  const uri = read.slice(1) + cursor.text.slice(from, cursor.pos)
  if (uri === '' && read === '') scanner.fail('did not find expected tag URI', cursor.line + 1)
  if (!uri.includes('%')) return uri
  try {
    return decodeURIComponent(uri)
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause
    return scanner.fail('found an invalid escape in a tag', cursor.line + 1)
  }
}
