import { GitError } from '../git-error.ts'

/** Reads the types of RFC 4251, section 5. @throws {GitError} when the data ends too early. */
export type SshReader = {
  readonly text: () => string
  readonly bytes: () => Buffer
  /** An mpint without its leading zero. */
  readonly integer: () => Buffer
  readonly uint32: () => number
  readonly byte: () => number
  readonly raw: (length: number) => Buffer
  readonly isAtEnd: () => boolean
}

export function readSsh(data: Uint8Array): SshReader {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  let at = 0
  const raw = (length: number): Buffer => {
    if (at + length > buffer.length) throw new GitError('GIT_SIGNATURE', 'ssh: short read')
    at += length
    return buffer.subarray(at - length, at)
  }
  const uint32 = (): number => raw(4).readUInt32BE()
  const bytes = (): Buffer => raw(uint32())
  return {
    raw,
    uint32,
    bytes,
    byte: () => raw(1).readUInt8(),
    text: () => bytes().toString('utf8'),
    integer: () => {
      const value = bytes()
      return value[0] === 0 ? value.subarray(1) : value
    },
    isAtEnd: () => at === buffer.length,
  }
}

/** A `string` of RFC 4251: its length before it. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** An `mpint` of RFC 4251 that is not negative, from its bytes. */
export function sshMpint(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const magnitude = first < 0 ? bytes.subarray(0, 0) : bytes.subarray(first)
  const isHigh = (magnitude[0] ?? 0) >= 0x80
  return sshString(isHigh ? Buffer.concat([Buffer.of(0), magnitude]) : magnitude)
}
