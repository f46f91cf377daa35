import { goStringBytes } from '../byte-string.ts'
import { GoError } from '../error.ts'

/** Nanoseconds in a unit, by Go's names for it. */
const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const limit = 2n ** 63n
const maxFraction = (limit - 1n) / 10n

/**
 * Reads a duration such as `1h30m` or `-1.5s` into nanoseconds.
 *
 * Source: https://pkg.go.dev/time#ParseDuration
 * @throws {GoError} with Go's message
 */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith('-')
  let rest = negative || text.startsWith('+') ? text.slice(1) : text
  if (rest === '0') return 0n
  if (rest === '') throw invalid(text)
  let total = 0n
  while (rest !== '') {
    const match = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest)
    const [number = '', whole = '', fraction = ''] = match ?? []
    if (whole === '' && fraction === '') throw invalid(text)
    rest = rest.slice(number.length)
    const unitName = /^[^.0-9]*/.exec(rest)?.[0] ?? ''
    if (unitName === '') throw new GoError(`time: missing unit in duration ${quoteTime(text)}`)
    const unit = units.get(unitName)
    if (unit === undefined) {
      throw new GoError(`time: unknown unit ${quoteTime(unitName)} in duration ${quoteTime(text)}`)
    }
    rest = rest.slice(unitName.length)
    total += wholeUnits(whole, unit, text) + fractionOf(fraction, unit)
    if (total > limit) throw invalid(text)
  }
  if (negative) return -total
  if (total === limit) throw invalid(text)
  return total
}

/** {@link parseDuration} in milliseconds, for timers. */
export function parseDurationMs(text: string): number {
  return Number(parseDuration(text)) / 1e6
}

/** Writes nanoseconds as Go does: `1h30m0s`, `1.5ms`. Source: https://pkg.go.dev/time#Duration.String */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return sign + seconds
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`
}

/** Rounds toward zero to a multiple of `multiple`; unchanged when that is not positive. */
export function truncateDuration(nanoseconds: bigint, multiple: bigint): bigint {
  return multiple <= 0n ? nanoseconds : nanoseconds - (nanoseconds % multiple)
}

/** Rounds to the nearest multiple of `multiple`, halves away from zero; at most as far as 64 bits go. */
export function roundDuration(nanoseconds: bigint, multiple: bigint): bigint {
  if (multiple <= 0n) return nanoseconds
  const remainder = nanoseconds % multiple
  const size = remainder < 0n ? -remainder : remainder
  const down = nanoseconds - remainder
  if (size * 2n < multiple) return down
  const up = nanoseconds < 0n ? down - multiple : down + multiple
  if (up >= limit) return limit - 1n
  return up < -limit ? -limit : up
}

/** A text in quotes as package time has it: everything but printable ASCII as bytes in hexadecimal. */
export function quoteTime(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let result = ''
  for (const byte of goStringBytes(text)) {
    if (byte === 34 || byte === 92) result += `\\${String.fromCharCode(byte)}`
    else if (byte >= 0x20 && byte < 0x80) result += String.fromCharCode(byte)
    else result += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `"${result}"`
}

function wholeUnits(digits: string, unit: bigint, text: string): bigint {
  // No need to convert what cannot fit.
  const significant = digits.replace(/^0+/, '')
  if (significant.length > 19) throw invalid(text)
  const value = BigInt(significant === '' ? '0' : significant)
  if (value > limit || value > limit / unit) throw invalid(text)
  return value * unit
}

/** Digits beyond 63 bits are dropped, and the product is rounded down in floating point, as in Go. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits.slice(0, 19)) {
    if (value > maxFraction) break
    const next = value * 10n + BigInt(digit)
    if (next > limit) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`
}

function invalid(text: string): GoError {
  return new GoError(`time: invalid duration ${quoteTime(text)}`)
}
