import { type FloatFormat, formatFloat } from '../strconv/format-float.ts'
import { isPrint, quoteRune, runeString } from '../strconv/quote.ts'
import { type Flags, pad, padding, padWithSpaces } from './flags.ts'

/** An integer in `base` as fmt prints it. `verb` `O` adds `0o`, `X` takes upper case. */
export function formatInteger(value: bigint, base: 2 | 8 | 10 | 16, verb: string, flags: Flags): string {
  if (
    base === 10 &&
    flags.width === undefined &&
    flags.precision === undefined &&
    !flags.plus &&
    !flags.space
  ) {
    return String(value)
  }
  const negative = value < 0n
  if (flags.precision === 0 && value === 0n) return padding(flags.width ?? 0, { ...flags, zero: false })
  let digits = (negative ? -value : value).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  digits = digits.padStart(leastDigits(negative, flags), '0')
  if (flags.sharp) digits = prefix(digits, base, verb) + digits
  if (verb === 'O') digits = `0o${digits}`
  return padWithSpaces(sign(negative, flags) + digits, flags)
}

/** Both `%.3d` and `%03d` ask for leading zeros; the precision wins. */
function leastDigits(negative: boolean, flags: Flags): number {
  if (flags.precision !== undefined) return flags.precision
  if (!flags.zero || flags.minus || flags.width === undefined) return 0
  return negative || flags.plus || flags.space ? flags.width - 1 : flags.width
}

function prefix(digits: string, base: 2 | 8 | 10 | 16, verb: string): string {
  if (base === 2) return '0b'
  if (base === 8) return digits.startsWith('0') ? '' : '0'
  if (base === 16) return verb === 'X' ? '0X' : '0x'
  return ''
}

function sign(negative: boolean, flags: Flags): string {
  if (negative) return '-'
  if (flags.plus) return '+'
  return flags.space ? ' ' : ''
}

/** `U+0041`, with `#` also the character itself. */
export function formatUnicode(value: bigint, flags: Flags): string {
  const rune = BigInt.asUintN(64, value)
  const digits = rune
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(flags.precision ?? 0, 4), '0')
  const shown = flags.sharp && rune <= 0x10ffffn && isPrint(Number(rune))
  const char = shown ? ` '${String.fromCodePoint(Number(rune))}'` : ''
  return padWithSpaces(`U+${digits}${char}`, flags)
}

/** `%c`: the character of a code point. */
export function formatRune(value: bigint, flags: Flags): string {
  return pad(runeString(toRune(value)), flags)
}

/** `%q` of an integer: the character as a literal. */
export function formatQuotedRune(value: bigint, flags: Flags): string {
  return pad(quoteRune(toRune(value), flags.plus), flags)
}

function toRune(value: bigint): number {
  const wide = BigInt.asUintN(64, value)
  return wide > 0x10ffffn ? 0xfffd : Number(wide)
}

/** A float as fmt prints it. `precision` counts where the flags have none. */
export function formatFloatVerb(value: number, format: FloatFormat, precision: number, flags: Flags): string {
  const wanted = flags.precision ?? precision
  const text = formatFloat(value, format, wanted)
  const signed = text.startsWith('-') || text.startsWith('+')
  const mark = signed ? text.slice(0, 1) : '+'
  const digits = signed ? text.slice(1) : text
  const shownMark = mark === '+' && flags.space && !flags.plus ? ' ' : mark
  if (!Number.isFinite(value)) {
    const bare = Number.isNaN(value) && !flags.space && !flags.plus
    return padWithSpaces(bare ? digits : shownMark + digits, flags)
  }
  return padNumber(
    shownMark,
    flags.sharp && format !== 'b' ? keepZeros(digits, format, wanted) : digits,
    flags,
  )
}

/** The sign goes before the zeros that fill up a number, and a plus only shows when asked for. */
function padNumber(mark: string, digits: string, flags: Flags): string {
  if (!flags.plus && mark === '+') return pad(digits, flags)
  const missing = (flags.width ?? 0) - digits.length - 1
  if (flags.zero && !flags.minus && missing > 0) return mark + padding(missing, flags) + digits
  return pad(mark + digits, flags)
}

/** The flag `#`: always a point, and the zeros that `%g` drops. */
function keepZeros(digits: string, format: FloatFormat, precision: number): string {
  const tailAt = digits.search(format === 'x' || format === 'X' ? /[pP]/ : /[eEpP]/)
  const tail = tailAt < 0 ? '' : digits.slice(tailAt)
  let body = tailAt < 0 ? digits : digits.slice(0, tailAt)
  let missing = 0
  if (format === 'g' || format === 'G' || format === 'x' || format === 'X') {
    const significant = body.replace('.', '').replace(/^0+/, '').length
    missing = (precision < 0 ? 6 : precision) - significant
  }
  if (!body.includes('.')) {
    if (body === '0') missing -= 1
    body += '.'
  }
  return body + '0'.repeat(Math.max(missing, 0)) + tail
}
