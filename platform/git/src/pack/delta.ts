import { GitError } from '../git-error.ts'

/**
 * Applies a delta of a pack to its base.
 *
 * Source: https://git-scm.com/docs/pack-format#_deltified_representation
 * @throws {GitError} when the delta reads or writes outside of its bounds.
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array {
  const cursor = { at: 0 }
  const baseBytes = readSize(delta, cursor)
  const resultBytes = readSize(delta, cursor)
  if (baseBytes !== base.length) throw damaged()
  // Every byte is written below, or the delta is refused: no need to clear it first.
  const result = Buffer.allocUnsafe(resultBytes)
  let written = 0
  while (cursor.at < delta.length) {
    const command = delta[cursor.at] ?? 0
    cursor.at += 1
    if (command & 0x80) {
      const { offset, length } = readCopy(delta, cursor, command)
      if (offset + length > base.length || written + length > resultBytes) throw damaged()
      result.set(base.subarray(offset, offset + length), written)
      written += length
    } else {
      if (command === 0 || cursor.at + command > delta.length || written + command > resultBytes) {
        throw damaged()
      }
      result.set(delta.subarray(cursor.at, cursor.at + command), written)
      cursor.at += command
      written += command
    }
  }
  if (written !== resultBytes) throw damaged()
  return result
}

/** Size of the object that `delta` makes, from the delta's first bytes. */
export function deltaResultBytes(delta: Uint8Array): number {
  const cursor = { at: 0 }
  readSize(delta, cursor)
  return readSize(delta, cursor)
}

function readSize(delta: Uint8Array, cursor: { at: number }): number {
  let value = 0
  // Seven bits a byte; beyond 49 bits a number is no longer exact, and no object is that large.
  for (let shift = 0; shift <= 42; shift += 7) {
    const byte = delta[cursor.at]
    if (byte === undefined) throw damaged()
    cursor.at += 1
    value += (byte & 0x7f) * 2 ** shift
    if (!(byte & 0x80)) return value
  }
  throw damaged()
}

function readCopy(
  delta: Uint8Array,
  cursor: { at: number },
  command: number,
): { offset: number; length: number } {
  let offset = 0
  let length = 0
  for (let i = 0; i < 7; i += 1) {
    if (!(command & (1 << i))) continue
    const byte = delta[cursor.at]
    if (byte === undefined) throw damaged()
    cursor.at += 1
    if (i < 4) offset += byte * 2 ** (8 * i)
    else length += byte * 2 ** (8 * (i - 4))
  }
  return { offset, length: length === 0 ? 0x10000 : length }
}

function damaged(): GitError {
  return new GitError('GIT_DAMAGED', 'invalid delta in pack')
}
