/** DER tags that certificates and keys need. Context-specific ones are written by number. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** One tag-length-value; contents are concatenated. Source: ITU-T X.690 §8. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, it) => sum + it.length, 0)
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...contents])
}

export function derSequence(...contents: readonly Uint8Array[]): Buffer {
  return der(derTag.sequence, ...contents)
}

/** A non-negative integer from its big-endian octets. */
export function derInteger(octets: Uint8Array): Buffer {
  let start = 0
  while (start < octets.length - 1 && octets[start] === 0) start += 1
  const significant = octets.subarray(start)
  const negative = ((significant[0] ?? 0) & 0x80) !== 0 || significant.length === 0
  return negative ? der(derTag.integer, Uint8Array.of(0), significant) : der(derTag.integer, significant)
}

/** An object identifier from its dotted form. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(derTag.objectIdentifier, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** A bit string whose last octet has `unusedBits` bits that do not count. */
export function derBitString(content: Uint8Array, unusedBits = 0): Buffer {
  return der(derTag.bitString, Uint8Array.of(unusedBits), content)
}

/** The elements inside of a constructed value, or at the top of `bytes`. @throws {RangeError} on broken lengths. */
export function derElements(bytes: Uint8Array): { readonly tag: number; readonly content: Uint8Array }[] {
  const elements: { tag: number; content: Uint8Array }[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0
    let length = bytes[at + 1] ?? 0
    at += 2
    if (length & 0x80) {
      const count = length & 0x7f
      length = 0
      for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[at + index] ?? 0)
      at += count
    }
    if (at + length > bytes.length) throw new RangeError('truncated DER value')
    elements.push({ tag, content: bytes.subarray(at, at + length) })
    at += length
  }
  return elements
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}

function base128(arc: number): number[] {
  const digits = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) | 0x80)
  }
  return digits
}
