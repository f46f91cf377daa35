/** A literal whose escapes mean nothing; `message` is for the user. */
export type UnescapeFailure = { readonly message: string }

const simple: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
  ["'", 39],
  ['"', 34],
  ['`', 96],
  ['?', 63],
])
const hexDigits: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['X', 2],
  ['u', 4],
  ['U', 8],
])
const cannot: UnescapeFailure = { message: 'unable to unescape string' }
const notUnicode: UnescapeFailure = { message: 'invalid unicode code point' }

/** The text of a string literal with its quotes and prefix. Line ends become `\n`. */
export function unescapeString(literal: string): string | UnescapeFailure {
  const { body, isRaw } = strip(literal)
  if (isRaw || !body.includes('\\')) return body
  let out = ''
  const failure = unescape(body, false, (code) => {
    out += String.fromCodePoint(code)
  })
  return failure ?? out
}

/** The bytes of a literal after its `b`: escapes by number are bytes, other text is UTF-8. */
export function unescapeBytes(literal: string): Uint8Array | UnescapeFailure {
  const { body, isRaw } = strip(literal)
  const encoder = new TextEncoder()
  if (isRaw || !body.includes('\\')) return encoder.encode(body)
  const out: number[] = []
  const failure = unescape(body, true, (code, isByte) => {
    if (isByte) out.push(code)
    else out.push(...encoder.encode(String.fromCodePoint(code)))
  })
  return failure ?? Uint8Array.from(out)
}

function strip(literal: string): { readonly body: string; readonly isRaw: boolean } {
  const text = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const isRaw = text.startsWith('r') || text.startsWith('R')
  const quoted = isRaw ? text.slice(1) : text
  const isLong = quoted.length >= 6 && (quoted.startsWith('"""') || quoted.startsWith("'''"))
  return { body: isLong ? quoted.slice(3, -3) : quoted.slice(1, -1), isRaw }
}

function unescape(
  body: string,
  isBytes: boolean,
  emit: (code: number, isByte: boolean) => void,
): UnescapeFailure | undefined {
  let at = 0
  while (at < body.length) {
    const code = body.codePointAt(at) ?? 0
    if (code !== 92) {
      emit(code, false)
      at += code > 0xffff ? 2 : 1
      continue
    }
    const escape = readEscape(body, at + 1, isBytes)
    if ('message' in escape) return escape
    emit(escape.code, isBytes && escape.isNumeric)
    at = escape.end
  }
  return undefined
}

type Escape = { readonly code: number; readonly end: number; readonly isNumeric: boolean }

function readEscape(body: string, at: number, isBytes: boolean): Escape | UnescapeFailure {
  const letter = body[at] ?? ''
  const known = simple.get(letter)
  if (known !== undefined) return { code: known, end: at + 1, isNumeric: false }
  const digits = hexDigits.get(letter)
  if (digits === undefined) return readOctal(body, at, isBytes)
  if (isBytes && digits > 2) return cannot
  const text = body.slice(at + 1, at + 1 + digits)
  if (text.length < digits || !/^[\da-fA-F]+$/.test(text)) return cannot
  const code = Number.parseInt(text, 16)
  if (!isBytes && !isCodePoint(code)) return notUnicode
  return { code, end: at + 1 + digits, isNumeric: true }
}

function readOctal(body: string, at: number, isBytes: boolean): Escape | UnescapeFailure {
  const text = body.slice(at, at + 3)
  if (!/^[0-3]/.test(text)) return cannot
  if (!/^[0-3][0-7][0-7]$/.test(text)) return { message: 'unable to unescape octal sequence in string' }
  const code = Number.parseInt(text, 8)
  if (!isBytes && !isCodePoint(code)) return notUnicode
  return { code, end: at + 3, isNumeric: true }
}

function isCodePoint(code: number): boolean {
  return code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff)
}
