/**
 * Go's strings are bytes. Here they are JavaScript strings in which each byte that is not part of valid UTF-8 is the
 * lone surrogate U+DC00 + byte (U+DC80–U+DCFF), so that nothing is lost on the way from bytes to bytes.
 */
const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const loneSurrogate = /[\ud800-\udfff]/u

/** What U+FFFD is to a lone surrogate that does not stand for a byte. */
const replacement = [0xef, 0xbf, 0xbd]

/** The bytes of a Go string. */
export function goStringBytes(text: string): Uint8Array {
  if (!loneSurrogate.test(text)) return encoder.encode(text)
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) {
      if (isByte(code)) bytes.push(code & 0xff)
      else bytes.push(...replacement)
    } else {
      bytes.push(...encoder.encode(char))
    }
  }
  return Uint8Array.from(bytes)
}

/** The Go string of some bytes. */
export function bytesGoString(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes)
  } catch (cause) {
    if (cause instanceof TypeError) return decodeInvalid(bytes)
    throw cause
  }
}

/** Joins bytes that stand side by side after a concatenation into the characters they now make. */
export function normalizeGoString(text: string): string {
  return loneSurrogate.test(text) ? bytesGoString(goStringBytes(text)) : text
}

/** Whether a Go string is valid UTF-8. */
export function isValidUtf8(text: string): boolean {
  return !loneSurrogate.test(text)
}

/** The length of a Go string in bytes. */
export function goByteLength(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (unit < 0xd800 || unit > 0xdfff) length += 3
    else if (unit < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      length += 4
      i += 1
    } else length += isByte(unit) ? 1 : 3
  }
  return length
}

/** Bytes `from` (inclusive) to `to` (exclusive) of a Go string, as Go's `s[from:to]`. */
export function goByteSlice(text: string, from: number, to: number): string {
  if (isAsciiOnly(text)) return text.slice(from, to)
  return bytesGoString(goStringBytes(text).subarray(from, to))
}

/** The number of runes; an invalid byte counts as one. */
export function goRuneCount(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(i + 1))) i += 1
    count += 1
  }
  return count
}

/** The code points of a string as Go's `range` gives them: an invalid byte is U+FFFD. */
export function goRunes(text: string): number[] {
  const runes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    runes.push(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code)
  }
  return runes
}

/** Orders two Go strings by their bytes. */
export function compareGoStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x < 0xd800 && y < 0xd800 ? x - y : compareTails(a, b, i)
  }
  return a.length - b.length
}

function compareTails(a: string, b: string, at: number): number {
  // A difference inside of a surrogate pair is one of its first bytes as well: step back to the pair's start.
  const previous = a.charCodeAt(at - 1)
  const from = at > 0 && previous >= 0xd800 && previous < 0xdc00 ? at - 1 : at
  const x = goStringBytes(a.slice(from, at + 2))
  const y = goStringBytes(b.slice(from, at + 2))
  for (let i = 0; i < x.length && i < y.length; i += 1) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0)
    if (difference !== 0) return difference
  }
  return x.length - y.length
}

/** Whether all characters are ASCII, so that bytes, runes and units are the same. */
export function isAsciiOnly(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0x7f) return false
  }
  return true
}

function decodeInvalid(bytes: Uint8Array): string {
  const parts: string[] = []
  let valid = 0
  let at = 0
  while (at < bytes.length) {
    const size = sequenceLength(bytes, at)
    if (size > 0) {
      at += size
      continue
    }
    if (at > valid) parts.push(strictDecoder.decode(bytes.subarray(valid, at)))
    parts.push(String.fromCharCode(0xdc00 + (bytes[at] ?? 0)))
    at += 1
    valid = at
  }
  if (at > valid) parts.push(strictDecoder.decode(bytes.subarray(valid, at)))
  return parts.join('')
}

/** Length of the valid UTF-8 sequence at `at`, 0 when there is none. Source: Unicode 15, table 3-7. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4) return 0
  const [low, high] = secondRange(first)
  const second = bytes[at + 1] ?? 0
  if (second < low || second > high) return 0
  for (let offset = 2; offset < length; offset += 1) {
    if (!isContinuation(bytes[at + offset] ?? 0)) return 0
  }
  return length
}

/** Which second bytes may follow a first one: no overlong forms, no surrogates, nothing above U+10FFFF. */
function secondRange(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf]
  if (first === 0xed) return [0x80, 0x9f]
  if (first === 0xf0) return [0x90, 0xbf]
  if (first === 0xf4) return [0x80, 0x8f]
  return [0x80, 0xbf]
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

function isByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff
}
