import type { Budget } from '../budget.ts'
import { normalizeGoString } from '../byte-string.ts'
import { goTypeName } from '../type-name.ts'
import { GoInt, type GoValue } from '../value.ts'
import { Printer } from './printer.ts'

const tooLarge = 1_000_000

/** Where reading of a format stands. */
type Scan = {
  readonly format: string
  readonly args: readonly GoValue[]
  readonly printer: Printer
  at: number
  next: number
  reordered: boolean
  goodIndex: boolean
  /** Whether an explicit index such as `[2]` stood just before. */
  afterIndex: boolean
}

/**
 * Formats `args` by a Go format string, with Go's `%!` texts where verb and operand do not fit.
 *
 * Source: https://pkg.go.dev/fmt
 */
export function sprintf(format: string, args: readonly GoValue[], budget?: Budget): string {
  const printer = new Printer(budget)
  const scan: Scan = {
    format,
    args,
    printer,
    at: 0,
    next: 0,
    reordered: false,
    goodIndex: true,
    afterIndex: false,
  }
  while (scan.at < format.length) {
    const percent = format.indexOf('%', scan.at)
    const end = percent < 0 ? format.length : percent
    if (end > scan.at) printer.write(format.slice(scan.at, end))
    scan.at = end + 1
    if (percent >= 0) verb(scan)
  }
  if (!scan.reordered && scan.next < args.length) extra(scan)
  return normalizeGoString(printer.out)
}

function verb(scan: Scan): void {
  const { format, printer } = scan
  printer.clearFlags()
  scan.goodIndex = true
  scan.afterIndex = false
  readFlags(scan)
  readIndex(scan)
  readWidth(scan)
  readPrecision(scan)
  if (!scan.afterIndex) readIndex(scan)
  if (scan.at >= format.length) {
    printer.write('%!(NOVERB)')
    return
  }
  const letter = String.fromCodePoint(format.codePointAt(scan.at) ?? 0)
  scan.at += letter.length
  printVerb(scan, letter)
}

function printVerb(scan: Scan, letter: string): void {
  const { args, printer } = scan
  const { flags } = printer
  if (letter === '%') {
    printer.write('%')
  } else if (!scan.goodIndex) {
    printer.write(`%!${letter}(BADINDEX)`)
  } else if (scan.next >= args.length) {
    printer.write(`%!${letter}(MISSING)`)
  } else {
    if (letter === 'v') {
      flags.sharpV = flags.sharp
      flags.sharp = false
      flags.plusV = flags.plus
      flags.plus = false
    }
    if (letter === 'w') printer.badVerb(args[scan.next], letter)
    else printer.print(args[scan.next], letter)
    scan.next += 1
  }
}

function readFlags(scan: Scan): void {
  const { flags } = scan.printer
  for (; ; scan.at += 1) {
    const char = scan.format[scan.at]
    if (char === '#') flags.sharp = true
    else if (char === '0') flags.zero = true
    else if (char === '+') flags.plus = true
    else if (char === '-') flags.minus = true
    else if (char === ' ') flags.space = true
    else return
  }
}

function readWidth(scan: Scan): void {
  const { flags } = scan.printer
  if (scan.format[scan.at] === '*') {
    scan.at += 1
    const width = numberFromArgument(scan)
    if (width === undefined) scan.printer.write('%!(BADWIDTH)')
    flags.width = width
    if (width !== undefined && width < 0) {
      flags.width = -width
      flags.minus = true
      flags.zero = false
    }
    scan.afterIndex = false
    return
  }
  flags.width = readNumber(scan)
  if (scan.afterIndex && flags.width !== undefined) scan.goodIndex = false
}

function readPrecision(scan: Scan): void {
  const { flags } = scan.printer
  if (scan.format[scan.at] !== '.') return
  scan.at += 1
  if (scan.afterIndex) scan.goodIndex = false
  readIndex(scan)
  if (scan.format[scan.at] !== '*') {
    flags.precision = readNumber(scan) ?? 0
    return
  }
  scan.at += 1
  const precision = numberFromArgument(scan)
  flags.precision = precision !== undefined && precision < 0 ? undefined : precision
  if (precision === undefined || precision < 0) scan.printer.write('%!(BADPREC)')
  scan.afterIndex = false
}

/** Reads a decimal number; one that is too large ends the whole format, as in Go. */
function readNumber(scan: Scan): number | undefined {
  const digits = /^\d*/.exec(scan.format.slice(scan.at, scan.at + 8))?.[0] ?? ''
  if (digits === '') return undefined
  if (Number(digits) > tooLarge) {
    scan.at = scan.format.length
    return undefined
  }
  scan.at += digits.length
  return Number(digits)
}

function numberFromArgument(scan: Scan): number | undefined {
  if (scan.next >= scan.args.length) return undefined
  const value = scan.args[scan.next]
  scan.next += 1
  if (!(value instanceof GoInt)) return undefined
  const number = Number(value.value)
  return Math.abs(number) > tooLarge ? undefined : number
}

function readIndex(scan: Scan): void {
  scan.afterIndex = false
  if (scan.format[scan.at] !== '[') return
  scan.reordered = true
  const close = scan.format.indexOf(']', scan.at)
  if (close < 0) {
    scan.at += 1
    scan.goodIndex = false
    return
  }
  const text = scan.format.slice(scan.at + 1, close)
  scan.at = close + 1
  const index = /^\d{1,7}$/.test(text) ? Number(text) : undefined
  if (index === undefined || index > tooLarge) {
    scan.goodIndex = false
    return
  }
  scan.afterIndex = true
  if (index >= 1 && index <= scan.args.length) scan.next = index - 1
  else scan.goodIndex = false
}

function extra({ printer, args, next }: Scan): void {
  printer.clearFlags()
  printer.write('%!(EXTRA ')
  for (let at = next; at < args.length; at += 1) {
    const value = args[at]
    if (at > next) printer.write(', ')
    if (value === null || value === undefined) {
      printer.write('<nil>')
    } else {
      printer.write(`${goTypeName(value)}=`)
      printer.print(value, 'v')
    }
  }
  printer.write(')')
}
