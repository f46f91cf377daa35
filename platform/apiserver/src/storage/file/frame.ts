import { crc32 } from 'node:zlib'

// What begins every frame, so that whole ones can be found behind a damaged one.
const magic = Buffer.from([0x53, 0xf7, 0x4c, 0xb1])
const headerBytes = 12
/** A length beyond this can only be damage. */
const maxFrameBytes = 1_073_741_824

/** Header of every file: what it is, and the version of its format. */
const fileMagic = 'SLUICE-STORE'
export const formatVersion = 1
export const fileHeaderBytes = 16

export function fileHeader(): Buffer {
  const header = Buffer.alloc(fileHeaderBytes)
  header.write(fileMagic, 0, 'latin1')
  header.writeUInt32LE(formatVersion, 12)
  return header
}

/** Version of the format of a file; `undefined` when it is no file of ours. */
export function versionOfFile(bytes: Buffer): number | undefined {
  if (bytes.length < fileHeaderBytes || bytes.toString('latin1', 0, 12) !== fileMagic) return undefined
  return bytes.readUInt32LE(12)
}

/** One frame: what is written, and becomes durable, as one. Magic, length, checksum of length and payload, payload. */
export function encodeFrame(payload: string): Buffer {
  const length = Buffer.byteLength(payload)
  const frame = Buffer.allocUnsafe(headerBytes + length)
  magic.copy(frame)
  frame.writeUInt32LE(length, 4)
  frame.write(payload, headerBytes)
  frame.writeUInt32LE(checksum(frame.subarray(4, 8), frame.subarray(headerBytes)), 8)
  return frame
}

export type ReadFrame =
  | { readonly kind: 'frame'; readonly payload: Buffer; readonly end: number }
  | { readonly kind: 'end' }
  /** A write that was never finished, hence never acknowledged. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'damaged' }

/**
 * Reads the frame at `at`.
 *
 * A frame that the file ends within, or whose last bytes were never written (zeros), is torn. Every other mismatch is
 * damage: what was acknowledged must not disappear silently.
 */
export function readFrame(bytes: Buffer, at: number): ReadFrame {
  if (at === bytes.length) return { kind: 'end' }
  const left = bytes.length - at
  if (left < headerBytes) return { kind: 'torn' }
  if (!magic.equals(bytes.subarray(at, at + 4))) return { kind: onlyZeros(bytes, at) ? 'torn' : 'damaged' }
  const length = bytes.readUInt32LE(at + 4)
  const end = at + headerBytes + length
  if (length > maxFrameBytes) return { kind: 'damaged' }
  // A length that points behind the end is a torn write only if nothing whole follows.
  if (end > bytes.length) return { kind: hasFrameAfter(bytes, at + 1) ? 'damaged' : 'torn' }
  const payload = bytes.subarray(at + headerBytes, end)
  if (bytes.readUInt32LE(at + 8) === checksum(bytes.subarray(at + 4, at + 8), payload)) {
    return { kind: 'frame', payload, end }
  }
  const wasCutOff = payload.at(-1) === 0 && end === bytes.length
  return { kind: wasCutOff ? 'torn' : 'damaged' }
}

function hasFrameAfter(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(magic, from); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    if (bytes.length - at < headerBytes) return false
    const length = bytes.readUInt32LE(at + 4)
    const end = at + headerBytes + length
    if (end > bytes.length) continue
    const sum = checksum(bytes.subarray(at + 4, at + 8), bytes.subarray(at + headerBytes, end))
    if (sum === bytes.readUInt32LE(at + 8)) return true
  }
  return false
}

function onlyZeros(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) if (bytes[at] !== 0) return false
  return true
}

function checksum(length: Buffer, payload: Buffer): number {
  return crc32(payload, crc32(length))
}
