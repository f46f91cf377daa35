import { quote } from '@sluice/go'
import { type CelType, opaqueType } from '../../types/cel-type.ts'
import { type CelValue, OpaqueValue } from '../../values/value.ts'

export const ipType: CelType = opaqueType('net.IP')
export const cidrType: CelType = opaqueType('net.CIDR')

/** An address of 4 or 16 bytes. */
export class IpAddress extends OpaqueValue {
  readonly type: CelType = ipType
  readonly bytes: Uint8Array
  readonly zone: string

  constructor(bytes: Uint8Array, zone = '') {
    super()
    this.bytes = bytes
    this.zone = zone
  }

  get isV4(): boolean {
    return this.bytes.length === 4
  }

  /** Whether this is an IPv4 address in the form of an IPv6 address. */
  get isMapped(): boolean {
    return this.bytes.length === 16 && startsWith(this.bytes, [...Array<number>(10).fill(0), 0xff, 0xff])
  }

  equals(other: CelValue): boolean {
    return (
      other instanceof IpAddress &&
      other.bytes.length === this.bytes.length &&
      other.zone === this.zone &&
      startsWith(this.bytes, [...other.bytes])
    )
  }

  toString(): string {
    const zone = this.zone === '' ? '' : `%${this.zone}`
    if (this.isV4) return this.bytes.join('.')
    if (this.isMapped) return `::ffff:${this.bytes.slice(12).join('.')}${zone}`
    return formatV6(this.bytes) + zone
  }
}

/** Addresses that begin with the same `bits` bits. */
export class Cidr extends OpaqueValue {
  readonly type: CelType = cidrType
  readonly address: IpAddress
  readonly bits: number

  constructor(address: IpAddress, bits: number) {
    super()
    this.address = address
    this.bits = bits
  }

  equals(other: CelValue): boolean {
    return other instanceof Cidr && other.bits === this.bits && this.address.equals(other.address)
  }

  toString(): string {
    return `${this.address.toString()}/${this.bits}`
  }

  masked(): Cidr {
    const bytes = this.address.bytes.map((byte, index) => byte & maskOf(this.bits - index * 8))
    return new Cidr(new IpAddress(bytes), this.bits)
  }

  contains(ip: IpAddress, bits: number = this.bits): boolean {
    const mine = this.address.bytes
    if (mine.length !== ip.bytes.length) return false
    return mine.every((byte, index) => ((byte ^ (ip.bytes[index] ?? 0)) & maskOf(bits - index * 8)) === 0)
  }
}

/** The mask of a byte of which the first `bits` bits count. */
function maskOf(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff
}

export function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte)
}

function formatV6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0),
  )
  const zeros = longestZeros(groups)
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return zeros ? `${text(0, zeros.start)}::${text(zeros.end, 8)}` : text(0, 8)
}

/** The first of the longest runs of two or more groups of zeros. */
function longestZeros(
  groups: readonly number[],
): { readonly start: number; readonly end: number } | undefined {
  let best: { readonly start: number; readonly end: number } | undefined
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start >= 2 && end - start > (best ? best.end - best.start : 0)) best = { start, end }
    start = Math.max(start, end)
  }
  return best
}

/** Parses an address as Go's `netip.ParseAddr` does; a string says what is wrong, in Go's words. */
export function parseIp(text: string): IpAddress | string {
  const failure = (message: string, at?: string): string =>
    `ParseAddr(${quote(text)}): ${message}${at === undefined ? '' : ` (at ${quote(at)})`}`
  const sign = /[.:%]/.exec(text)?.[0]
  if (sign === '.') {
    const read = readV4(text)
    return 'message' in read ? failure(read.message, read.at) : new IpAddress(Uint8Array.from(read.bytes))
  }
  if (sign === '%') return failure('missing IPv6 address')
  if (sign === undefined) return failure('unable to parse IP')
  const percent = text.indexOf('%')
  const zone = percent < 0 ? '' : text.slice(percent + 1)
  if (percent >= 0 && zone === '') return failure('zone must be a non-empty string')
  const read = readV6(percent < 0 ? text : text.slice(0, percent))
  return 'message' in read ? failure(read.message, read.at) : new IpAddress(Uint8Array.from(read.bytes), zone)
}

type Read = { readonly bytes: readonly number[] } | { readonly message: string; readonly at?: string }

function readV4(text: string): Read {
  const bytes: number[] = []
  let value = 0
  let digits = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? ''
    if (/\d/.test(character)) {
      if (digits === 1 && value === 0) return { message: 'IPv4 field has octet with leading zero' }
      value = value * 10 + Number(character)
      digits++
      if (value > 255) return { message: 'IPv4 field has value >255' }
    } else if (character === '.') {
      if (index === 0 || index === text.length - 1 || text[index - 1] === '.') {
        return { message: 'IPv4 field must have at least one digit', at: text.slice(index) }
      }
      if (bytes.length === 3) return { message: 'IPv4 address too long' }
      bytes.push(value)
      value = 0
      digits = 0
    } else return { message: 'unexpected character', at: text.slice(index) }
  }
  return bytes.length < 3 ? { message: 'IPv4 address too short' } : { bytes: [...bytes, value] }
}

function readV6(text: string): Read {
  const bytes: number[] = []
  let rest = text
  let gap = -1
  if (rest.startsWith('::')) {
    gap = 0
    rest = rest.slice(2)
    if (rest === '') return { bytes: Array<number>(16).fill(0) }
  }
  while (bytes.length < 16) {
    const group = readGroup(rest)
    if ('message' in group) return group
    if (rest[group.length] === '.') {
      const embedded = readEmbedded(rest, bytes.length, gap)
      if ('message' in embedded) return embedded
      bytes.push(...embedded.bytes)
      rest = ''
      break
    }
    bytes.push(group.value >> 8, group.value & 0xff)
    rest = rest.slice(group.length)
    if (rest === '') break
    if (!rest.startsWith(':')) return { message: 'unexpected character, want colon', at: rest }
    if (rest.length === 1) return { message: 'colon must be followed by more characters', at: rest }
    rest = rest.slice(1)
    if (!rest.startsWith(':')) continue
    if (gap >= 0) return { message: 'multiple :: in address', at: rest }
    gap = bytes.length
    rest = rest.slice(1)
    if (rest === '') break
  }
  if (rest !== '') return { message: 'trailing garbage after address', at: rest }
  return fillGap(bytes, gap)
}

function readGroup(
  rest: string,
): { readonly length: number; readonly value: number } | { readonly message: string; readonly at: string } {
  const digits = /^[\da-fA-F]*/.exec(rest)?.[0] ?? ''
  if (digits.length > 4) return { message: 'each group must have 4 or less digits', at: rest }
  if (digits === '') return { message: 'each colon-separated field must have at least one digit', at: rest }
  return { length: digits.length, value: Number.parseInt(digits, 16) }
}

function readEmbedded(rest: string, length: number, gap: number): Read {
  if (gap < 0 && length !== 12) {
    return { message: 'embedded IPv4 address must replace the final 2 fields of the address', at: rest }
  }
  if (length + 4 > 16) {
    return { message: 'too many hex fields to fit an embedded IPv4 at the end of the address', at: rest }
  }
  return readV4(rest)
}

function fillGap(bytes: readonly number[], gap: number): Read {
  if (bytes.length === 16) {
    return gap >= 0 ? { message: 'the :: must expand to at least one field of zeros' } : { bytes }
  }
  if (gap < 0) return { message: 'address string too short' }
  const zeros = Array<number>(16 - bytes.length).fill(0)
  return { bytes: [...bytes.slice(0, gap), ...zeros, ...bytes.slice(gap)] }
}

/** Parses a prefix as Go's `netip.ParsePrefix` does; a string says what is wrong, in Go's words. */
export function parseCidr(text: string): Cidr | string {
  const failure = (message: string): string => `netip.ParsePrefix(${quote(text)}): ${message}`
  const slash = text.lastIndexOf('/')
  if (slash < 0) return failure("no '/'")
  const address = parseIp(text.slice(0, slash))
  if (typeof address === 'string') return failure(address)
  if (address.zone !== '') return failure('IPv6 zones cannot be present in a prefix')
  const bits = text.slice(slash + 1)
  if (!/^\d+$/.test(bits) || (bits.length > 1 && bits.startsWith('0'))) {
    return failure(`bad bits after slash: ${quote(bits)}`)
  }
  const count = Number(bits)
  return count > address.bytes.length * 8 ? failure('prefix length out of range') : new Cidr(address, count)
}
