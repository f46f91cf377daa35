import { gunzipSync } from 'node:zlib'
import type { JsonValue } from '@sluice/ports'

const maxBytes = 64 * 1024 * 1024
const blockBytes = 512

/** Headers of a tar.gz in the form of the recorded `artifact-*.json`. What is compared is the raw header, so no reader is between. */
export function artifactListing(bytes: Uint8Array): JsonValue {
  const tar = gunzipSync(bytes, { maxOutputLength: maxBytes })
  const entries: JsonValue[] = []
  for (let at = 0; at + blockBytes <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + blockBytes)
    const size = octal(header, 124, 12)
    entries.push({
      name: text(header, 0, 100) === './' ? '.' : text(header, 0, 100).replace(/\/$/, ''),
      type: String.fromCharCode(header[156] ?? 0),
      mode: `0o${octal(header, 100, 8).toString(8)}`,
      size,
      mtime: octal(header, 136, 12),
      uid: octal(header, 108, 8),
      gid: octal(header, 116, 8),
      uname: text(header, 265, 32),
      gname: text(header, 297, 32),
      format: {},
    })
    at += blockBytes * (1 + Math.ceil(size / blockBytes))
  }
  return entries
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

function octal(header: Buffer, start: number, length: number): number {
  return Number.parseInt(text(header, start, length).trim() || '0', 8)
}
