import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import type { ObjectFormat } from '../protocol/refs.ts'
import type { ObjectType } from './pack-entries.ts'
import type { GitObject } from './pack-reader.ts'

const typeNumbers: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 }

/** The name of an object. */
export function objectIdOf({ type, content }: GitObject, format: ObjectFormat): string {
  return createHash(format).update(`${type} ${content.length}\0`).update(content).digest('hex')
}

/**
 * Packs whole objects, without deltas.
 *
 * Source: https://git-scm.com/docs/pack-format
 */
export function writePack(objects: readonly GitObject[], format: ObjectFormat): Uint8Array {
  const header = Buffer.alloc(12)
  header.write('PACK')
  header.writeUInt32BE(2, 4)
  header.writeUInt32BE(objects.length, 8)
  const parts = [
    header,
    ...objects.flatMap(({ type, content }) => [
      entryHeader(typeNumbers[type], content.length),
      deflateSync(content),
    ]),
  ]
  const hash = createHash(format)
  for (const part of parts) hash.update(part)
  return Buffer.concat([...parts, hash.digest()])
}

/** Type and size: four bits of the size, then seven in each byte that follows. */
function entryHeader(type: number, sizeBytes: number): Uint8Array {
  const bytes: number[] = []
  let byte = (type << 4) | (sizeBytes % 16)
  let rest = Math.floor(sizeBytes / 16)
  while (rest > 0) {
    bytes.push(byte | 0x80)
    byte = rest % 128
    rest = Math.floor(rest / 128)
  }
  return Uint8Array.from([...bytes, byte])
}
