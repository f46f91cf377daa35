import { SignatureError } from '../signature-error.ts'

/** A value of CBOR, as far as signatures have them. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborValue, CborValue>
  | CborTag

/** A value with a meaning. */
export class CborTag {
  readonly tag: number
  readonly value: CborValue

  constructor(tag: number, value: CborValue) {
    this.tag = tag
    this.value = value
  }
}

const maxDepth = 16
const textDecoder = new TextDecoder('utf-8', { fatal: true })

/** Reads one value that is the whole input. Lengths must be definite. Source: RFC 8949. @throws {SignatureError} */
export function readCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (!reader.isAtEnd) throw malformed('there is something after the value')
  return value
}

/** `[context, ...parts]` as COSE signs it. Source: RFC 9052, section 4.4. */
export function writeSignatureStructure(context: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(context)
  return Buffer.concat([
    head(4, parts.length + 1),
    head(3, text.length),
    text,
    ...parts.flatMap((part) => [head(2, part.length), part]),
  ])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  const size = length < 0x100 ? 1 : length < 0x1_00_00 ? 2 : 4
  const bytes = Buffer.alloc(1 + size)
  bytes[0] = (major << 5) | (size === 1 ? 24 : size === 2 ? 25 : 26)
  bytes.writeUIntBE(length, 1, size)
  return bytes
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): CborValue {
    if (depth > maxDepth) throw malformed('it is nested too deep')
    const [first = 0] = this.#take(1)
    const major = first >> 5
    if (major === 7) return this.#simple(first & 31)
    const argument = this.#argument(first & 31)
    switch (major) {
      case 0:
        return argument
      case 1:
        return typeof argument === 'bigint' ? -1n - argument : -1 - argument
      case 2:
        return Uint8Array.from(this.#take(lengthOf(argument)))
      case 3:
        return this.#text(lengthOf(argument))
      case 4:
        return this.#items(lengthOf(argument), depth)
      case 5:
        return this.#map(lengthOf(argument), depth)
      default:
        return new CborTag(lengthOf(argument), this.value(depth + 1))
    }
  }

  #simple(kind: number): CborValue {
    if (kind === 20) return false
    if (kind === 21) return true
    if (kind === 22) return null
    throw malformed('a value of an unknown kind is in it')
  }

  #argument(kind: number): number | bigint {
    if (kind < 24) return kind
    if (kind > 27) throw malformed('a length is not definite')
    const size = 1 << (kind - 24)
    const bytes = this.#take(size)
    if (size < 8) return bytes.readUIntBE(0, size)
    const value = bytes.readBigUInt64BE()
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }

  #items(count: number, depth: number): readonly CborValue[] {
    // Each takes a byte at least.
    if (count > this.#bytes.length - this.#at) throw malformed('it ends too early')
    return Array.from({ length: count }, () => this.value(depth + 1))
  }

  #map(count: number, depth: number): ReadonlyMap<CborValue, CborValue> {
    if (count * 2 > this.#bytes.length - this.#at) throw malformed('it ends too early')
    const map = new Map<CborValue, CborValue>()
    for (let index = 0; index < count; index += 1) {
      const key = this.value(depth + 1)
      if (map.has(key)) throw malformed('a key is there twice')
      map.set(key, this.value(depth + 1))
    }
    return map
  }

  #text(length: number): string {
    try {
      return textDecoder.decode(this.#take(length))
    } catch (error) {
      if (error instanceof TypeError) throw malformed('a text is no UTF-8')
      throw error
    }
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw malformed('it ends too early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

function lengthOf(argument: number | bigint): number {
  if (typeof argument === 'bigint') throw malformed('a length is too large')
  return argument
}

function malformed(why: string): SignatureError {
  return new SignatureError(`malformed COSE envelope: ${why}`)
}
