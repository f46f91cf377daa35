import { SignatureError } from '../../signature-error.ts'

/** One value of DER as it lies: what is in it is read when it is asked for. */
export type DerValue = {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly raw: Buffer
}

export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The tag of a constructed value that is told apart by its number alone. */
export function contextTag(number: number): number {
  return 0xa0 | number
}

/** The values that lie one after the other. @throws {SignatureError} when a length is not true. */
export function derValues(bytes: Uint8Array): readonly DerValue[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const values: DerValue[] = []
  for (let at = 0; at < buffer.length; ) {
    const { start, end } = extentAt(buffer, at)
    values.push({ tag: buffer[at] ?? 0, content: buffer.subarray(start, end), raw: buffer.subarray(at, end) })
    at = end
  }
  return values
}

/** The one value that there is. @throws {SignatureError} */
export function derValue(bytes: Uint8Array, wanted: number = tag.sequence): DerValue {
  const [value, ...others] = derValues(bytes)
  if (!value || others.length > 0 || value.tag !== wanted) throw malformed()
  return value
}

/** What is in a value. @throws {SignatureError} when it is of another kind. */
export function partsOf(value: DerValue | undefined, wanted: number = tag.sequence): readonly DerValue[] {
  if (!value || value.tag !== wanted) throw malformed()
  return derValues(value.content)
}

/** @throws {SignatureError} when there is none. */
export function required(value: DerValue | undefined, wanted?: number): DerValue {
  if (!value || (wanted !== undefined && value.tag !== wanted)) throw malformed()
  return value
}

/** An object identifier in its dotted form. */
export function oidText(value: DerValue | undefined): string {
  const { content } = required(value, tag.oid)
  const numbers: number[] = []
  let number = 0
  for (const octet of content) {
    number = number * 128 + (octet & 0x7f)
    if (octet & 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}

/** Milliseconds since the epoch. @throws {SignatureError} when it is no time in UTC. */
export function timeOf(value: DerValue | undefined): number {
  const { tag: kind, content } = required(value)
  const text = content.toString('latin1')
  const digits = kind === tag.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z$/.exec(digits)
  if (!match || (kind !== tag.utcTime && kind !== tag.generalizedTime)) throw malformed()
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number)
  const fraction = Number(`0.${match[7] ?? 0}`) * 1000
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second) + fraction
}

/** The octets of a bit string that is of whole octets. @throws {SignatureError} */
export function bitsOf(value: DerValue | undefined): Buffer {
  const { content } = required(value, tag.bitString)
  if (content[0] !== 0) throw malformed()
  return content.subarray(1)
}

/** Writes one value. */
export function der(wanted: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([wanted, content.length]), content])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const octets = length.subarray(length.findIndex((octet) => octet !== 0))
  return Buffer.concat([Buffer.from([wanted, 0x80 | octets.length]), octets, content])
}

function extentAt(buffer: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = buffer[at + 1] ?? 0x80
  const count = first & 0x80 ? first & 0x7f : 0
  // Four octets are more than any message that is read here is long; none at all would be a length without end.
  if ((first & 0x80 && count === 0) || count > 4 || at + 2 + count > buffer.length) throw malformed()
  const length = count === 0 ? first : buffer.readUIntBE(at + 2, count)
  const start = at + 2 + count
  if (start + length > buffer.length) throw malformed()
  return { start, end: start + length }
}

function malformed(): SignatureError {
  return new SignatureError('a structure of X.509 is malformed')
}
