import { gunzipSync, gzipSync } from 'node:zlib'
import { type Compression, CompressionError } from '@sluice/ports'

/** The port over node:zlib, for what is small enough to be done on the spot. */
export const hostCompression: Compression = {
  gzip: (data) => {
    const compressed = gzipSync(data)
    // The system in the header is left unknown, so that every machine writes the same bytes.
    compressed[9] = 0xff
    return compressed
  },
  gunzip: (data, { maxBytes }) => {
    try {
      return gunzipSync(data, { maxOutputLength: maxBytes })
    } catch (cause) {
      throw compressionError(cause, maxBytes)
    }
  },
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
