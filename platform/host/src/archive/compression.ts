import { gunzipSync, gzipSync, inflateRawSync } from 'node:zlib'
import { type Compression, CompressionError } from '@sluice/ports'

/** The port over node:zlib, for what is small enough to be done on the spot. */
export const hostCompression: Compression = {
  gzip: (data) => {
    const compressed = gzipSync(data)
    // The system in the header is left unknown, so that every machine writes the same bytes.
    compressed[9] = 0xff
    return compressed
  },
  gunzip: (data, { maxBytes, trailing }) => {
    try {
      return gunzipSync(data, { maxOutputLength: maxBytes })
    } catch (cause) {
      const first = trailing === 'ignored' ? firstMember(data, maxBytes) : undefined
      if (first) return first
      throw compressionError(cause, maxBytes)
    }
  },
}

/** What the first compressed part of the data gives, if that is sound. */
function firstMember(data: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const start = headerEnd(data)
  if (start === undefined) return undefined
  try {
    return inflateRawSync(data.subarray(start), { maxOutputLength: maxBytes })
  } catch (error) {
    const { code = '' } = error as { readonly code?: string }
    if (code === 'ERR_BUFFER_TOO_LARGE' || code.startsWith('Z_')) return undefined
    throw error
  }
}

const fixedHeaderBytes = 10
const flags = { headerCrc: 2, extra: 4, name: 8, comment: 16 }

/** Where the deflated data begins. Source: RFC 1952, section 2.3. */
function headerEnd(data: Uint8Array): number | undefined {
  if (data[0] !== 0x1f || data[1] !== 0x8b || data[2] !== 8) return undefined
  const has = (flag: number): boolean => ((data[3] ?? 0) & flag) !== 0
  let at = fixedHeaderBytes
  if (has(flags.extra)) at += 2 + (data[at] ?? 0) + (data[at + 1] ?? 0) * 256
  for (const flag of [flags.name, flags.comment]) {
    if (!has(flag)) continue
    const end = data.indexOf(0, at)
    if (end < 0) return undefined
    at = end + 1
  }
  return has(flags.headerCrc) ? at + 2 : at
}

function compressionError(cause: unknown, maxBytes: number): CompressionError {
  const { code } = cause as { readonly code?: string }
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return new CompressionError('COMPRESSION_TOO_LARGE', `decompressed content exceeds ${maxBytes} bytes`)
  }
  return code === 'Z_BUF_ERROR'
    ? new CompressionError('COMPRESSION_TRUNCATED', 'unexpected EOF', { cause })
    : new CompressionError('COMPRESSION_INVALID', 'gzip: invalid header', { cause })
}
