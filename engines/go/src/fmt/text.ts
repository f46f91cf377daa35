import { bytesGoString, goStringBytes } from '../byte-string.ts'
import { canBackquote, quote, quoteToAscii } from '../strconv/quote.ts'
import { type Flags, pad, padding } from './flags.ts'

/** `%s`: the text, cut to the precision in runes and padded. */
export function formatText(text: string, flags: Flags): string {
  return pad(truncate(text, flags), flags)
}

/** `%q`: the text as a Go literal. */
export function formatQuoted(text: string, flags: Flags): string {
  const cut = truncate(text, flags)
  if (flags.sharp && canBackquote(cut)) return pad(`\`${cut}\``, flags)
  return pad(flags.plus ? quoteToAscii(cut) : quote(cut), flags)
}

/** `%x` and `%X` of text or bytes. */
export function formatHex(content: string | Uint8Array, verb: string, flags: Flags): string {
  const all = typeof content === 'string' ? goStringBytes(content) : content
  const bytes = flags.precision === undefined ? all : all.subarray(0, flags.precision)
  if (bytes.length === 0) return padding(flags.width ?? 0, flags)
  const mark = flags.sharp ? (verb === 'X' ? '0X' : '0x') : ''
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  const digits = verb === 'X' ? pairs.map((pair) => pair.toUpperCase()) : pairs
  return pad(flags.space ? digits.map((pair) => mark + pair).join(' ') : mark + digits.join(''), flags)
}

/** Bytes as text, for verbs that take both. */
export function textOf(bytes: Uint8Array): string {
  return bytesGoString(bytes)
}

function truncate(text: string, { precision }: Flags): string {
  if (precision === undefined || text.length <= precision) return text
  let end = 0
  for (let count = 0; count < precision && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  }
  return text.slice(0, end)
}
