import { inflateSync } from 'node:zlib'
import { GitError } from '../git-error.ts'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

/** How an entry of a pack is stored. `sizeBytes` is that of what the entry inflates to: the object, or the delta. */
export type PackEntry =
  | { readonly kind: 'whole'; readonly type: ObjectType; readonly sizeBytes: number; readonly dataAt: number }
  | {
      readonly kind: 'offset-delta'
      readonly baseAt: number
      readonly sizeBytes: number
      readonly dataAt: number
    }
  | {
      readonly kind: 'id-delta'
      readonly baseId: string
      readonly sizeBytes: number
      readonly dataAt: number
    }

const wholeTypes: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag']

/**
 * Reads the header of the entry at `at`.
 *
 * Source: https://git-scm.com/docs/pack-format#_pack_pack_files_have_the_following_format
 */
export function readEntryHeader(pack: Buffer, at: number, idBytes: number): PackEntry {
  let cursor = at
  let byte = byteAt(pack, cursor)
  cursor += 1
  const type = (byte >> 4) & 7
  let sizeBytes = byte & 0x0f
  for (let shift = 4; byte & 0x80; shift += 7) {
    if (shift > 46) throw damaged('object size out of range')
    byte = byteAt(pack, cursor)
    cursor += 1
    sizeBytes += (byte & 0x7f) * 2 ** shift
  }
  const whole = wholeTypes[type]
  if (whole) return { kind: 'whole', type: whole, sizeBytes, dataAt: cursor }
  if (type === 6) {
    const { distance, dataAt } = readDistance(pack, cursor)
    if (distance <= 0 || distance > at) throw damaged('delta base out of range')
    return { kind: 'offset-delta', baseAt: at - distance, sizeBytes, dataAt }
  }
  if (type !== 7) throw damaged(`unknown object type ${type}`)
  const dataAt = cursor + idBytes
  if (dataAt > pack.length) throw damaged('unexpected EOF')
  return { kind: 'id-delta', baseId: pack.toString('hex', cursor, dataAt), sizeBytes, dataAt }
}

function readDistance(pack: Buffer, at: number): { distance: number; dataAt: number } {
  let cursor = at
  let byte = byteAt(pack, cursor)
  let distance = byte & 0x7f
  while (byte & 0x80) {
    cursor += 1
    byte = byteAt(pack, cursor)
    distance = (distance + 1) * 128 + (byte & 0x7f)
    if (!Number.isSafeInteger(distance)) throw damaged('delta base out of range')
  }
  return { distance, dataAt: cursor + 1 }
}

/** What stands deflated at `dataAt`, and where the stream ends. Its size is checked against the header's. */
export function inflateAt(
  pack: Buffer,
  { dataAt, sizeBytes }: Pick<PackEntry, 'dataAt' | 'sizeBytes'>,
): { readonly data: Buffer; readonly endAt: number } {
  try {
    // One byte more than expected, so that the end of the stream is seen in one go.
    const chunkSize = Math.max(64, sizeBytes + 1)
    const options = { info: true, maxOutputLength: Math.max(1, sizeBytes), chunkSize }
    const { buffer, engine } = inflateSync(pack.subarray(dataAt), options) as unknown as Inflated
    if (buffer.length !== sizeBytes) throw damaged('object is shorter than its header says')
    return { data: buffer, endAt: dataAt + engine.bytesWritten }
  } catch (cause) {
    if (cause instanceof GitError) throw cause
    throw new GitError('GIT_DAMAGED', 'invalid pack: zlib error', { cause })
  }
}

/** What zlib answers with `info`; the types of Node leave it out. */
type Inflated = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }

function byteAt(pack: Buffer, at: number): number {
  const byte = pack[at]
  if (byte === undefined) throw damaged('unexpected EOF')
  return byte
}

function damaged(reason: string): GitError {
  return new GitError('GIT_DAMAGED', `invalid pack: ${reason}`)
}
