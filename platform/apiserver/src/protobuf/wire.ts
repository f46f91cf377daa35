import { badRequest } from '../status/status-error.ts'

/** One field of a message as it is on the wire: a number, or bytes. */
export type WireField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Uint8Array }

const varintType = 0
const fixed64Type = 1
const bytesType = 2
const fixed32Type = 5
const maxVarintBytes = 10

/**
 * Reads the fields of a message in their order. Fixed-width fields, which Kubernetes does not use, are passed over.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 * @throws {ApiError} BadRequest when the bytes are no message.
 */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0
  while (at < bytes.length) {
    const tag = varint()
    const number = Number(tag >> 3n)
    const type = Number(tag & 7n)
    if (type === varintType) {
      yield { number, kind: 'varint', value: varint() }
    } else if (type === bytesType) {
      const length = Number(varint())
      yield { number, kind: 'bytes', value: take(length) }
    } else if (type === fixed64Type) {
      take(8)
    } else if (type === fixed32Type) {
      take(4)
    } else {
      throw malformed()
    }
  }

  function varint(): bigint {
    let value = 0n
    for (let i = 0; i < maxVarintBytes; i += 1) {
      const byte = bytes[at]
      if (byte === undefined) throw malformed()
      at += 1
      value |= BigInt(byte & 0x7f) << BigInt(7 * i)
      if (byte < 0x80) return value
    }
    throw malformed()
  }

  function take(length: number): Uint8Array {
    if (length > bytes.length - at) throw malformed()
    at += length
    return bytes.subarray(at - length, at)
  }
}

export function malformed(): Error {
  return badRequest('the body of the request is not a valid protobuf message')
}
