import { bytesGoString, GoError, type GoFunction } from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'
import { toByteText } from './byte-text.ts'
import { bytesOf } from './cast.ts'

const base32Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const wholeBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const base64Digit = /[A-Za-z0-9+/]/

/** Sprig's encodings. A text that cannot be decoded gives the error's text. Source: Masterminds/sprig 3.3.0. */
export const encodingFunctions: FunctionMap = new Map<string, GoFunction>([
  ['b64enc', define(['string'], (text) => encodeBase64(bytesOf(text)))],
  ['b64dec', define(['string'], (text) => orMessage(() => bytesGoString(decodeBase64(text))))],
  ['b32enc', define(['string'], (text) => encodeBase32(bytesOf(text)))],
  ['b32dec', define(['string'], (text) => orMessage(() => bytesGoString(decodeBase32(text))))],
])

/** Base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  const chunk = 0x8000
  for (let at = 0; at < bytes.length; at += chunk) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunk))
  }
  return btoa(binary)
}

/** @throws {GoError} with Go's text for what is no base64 with padding; line breaks may stand anywhere */
export function decodeBase64(text: string): Uint8Array {
  const digits = text.replaceAll(/[\r\n]/g, '')
  if (!wholeBase64.test(digits)) {
    throw new GoError(`illegal base64 data at input byte ${base64ErrorAt(toByteText(text))}`)
  }
  return Uint8Array.from(atob(digits), (char) => char.charCodeAt(0))
}

/**
 * Where Go finds the first error of a malformed text, which it reads in groups of four digits.
 *
 * Source: https://pkg.go.dev/encoding/base64 (CorruptInputError)
 */
function base64ErrorAt(input: string): number {
  let digits = 0
  for (let at = 0; at < input.length; at += 1) {
    const char = input[at] ?? ''
    if (isLineBreak(char)) continue
    if (base64Digit.test(char)) {
      digits += 1
    } else {
      const inGroup = digits % 4
      if (char !== '=' || inGroup < 2) return at
      return paddingErrorAt(input, at + 1, inGroup === 2)
    }
  }
  return input.length - (digits % 4)
}

/** The error after a first `=`: a second one is missing, or something follows. */
function paddingErrorAt(input: string, from: number, needsSecond: boolean): number {
  const at = skipLineBreaks(input, from)
  if (!needsSecond) return at
  if (at === input.length) return at
  return input[at] === '=' ? skipLineBreaks(input, at + 1) : at - 1
}

function skipLineBreaks(input: string, from: number): number {
  let at = from
  while (isLineBreak(input[at] ?? '')) at += 1
  return at
}

function isLineBreak(char: string): boolean {
  return char === '\n' || char === '\r'
}

/** Base32 with padding. */
function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let held = 0
  for (const byte of bytes) {
    buffer = ((buffer & 0x1f) << 8) | byte
    held += 8
    while (held >= 5) {
      held -= 5
      text += base32Digits[(buffer >> held) & 0x1f] ?? ''
    }
  }
  if (held > 0) text += base32Digits[(buffer << (5 - held)) & 0x1f] ?? ''
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

/**
 * Decodes base32 with padding, group by group. Offsets of errors do not count line breaks.
 *
 * Source: https://pkg.go.dev/encoding/base32 (CorruptInputError)
 */
function decodeBase32(text: string): Uint8Array {
  const input = toByteText(text).replaceAll(/[\r\n]/g, '')
  const out: number[] = []
  for (let start = 0; start < input.length; start += 8) {
    const group = input.slice(start, start + 8)
    const count = digitsOfGroup(group, { start, isLast: start + 8 >= input.length, length: input.length })
    let buffer = 0n
    for (const digit of group.slice(0, count)) buffer = (buffer << 5n) | BigInt(base32Digits.indexOf(digit))
    for (let held = count * 5 - 8; held >= 0; held -= 8) out.push(Number((buffer >> BigInt(held)) & 0xffn))
  }
  return Uint8Array.from(out)
}

type Group = { readonly start: number; readonly isLast: boolean; readonly length: number }

/** How many digits a group has before its padding. */
function digitsOfGroup(group: string, { start, isLast, length }: Group): number {
  for (let at = 0; at < 8; at += 1) {
    const char = group[at]
    if (char === undefined) throw illegalBase32(length - at)
    if (char === '=' && at >= 2 && isLast) {
      if (group.length < 8) throw illegalBase32(length)
      const other = group.slice(at).search(/[^=]/)
      if (other >= 0) throw illegalBase32(start + at + other - 1)
      if (at === 3 || at === 6) throw illegalBase32(start + at)
      return at
    }
    if (!base32Digits.includes(char)) throw illegalBase32(start + at)
  }
  return 8
}

function illegalBase32(offset: number): GoError {
  return new GoError(`illegal base32 data at input byte ${offset}`)
}

function orMessage(decode: () => string): string {
  try {
    return decode()
  } catch (cause) {
    if (cause instanceof GoError) return cause.message
    throw cause
  }
}
