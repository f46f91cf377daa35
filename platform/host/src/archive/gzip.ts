import { promisify } from 'node:util'
import { constants, createGzip, gunzip as gunzipCallback } from 'node:zlib'
import { ArchiveError } from './archive-error.ts'

const gunzipAsync = promisify(gunzipCallback)

/** Chunks are gathered to this size before they are compressed: each one is a trip to a thread. */
const batchBytes = 256 * 1024

/**
 * Compresses `chunks` while they are produced, off the main thread.
 *
 * The header is the empty one that Go's compress/gzip writes (no name, no time, unknown system), so that the same
 * content gives the same bytes everywhere.
 */
export async function* gzip(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { level = constants.Z_DEFAULT_COMPRESSION }: { readonly level?: number } = {},
): AsyncGenerator<Uint8Array> {
  const stream = createGzip({ level, chunkSize: 64 * 1024 })
  // The feeder fails through the stream, which then throws out of the loop below.
  const feeding = feed(stream, chunks).catch((error: Error) => stream.destroy(error))
  try {
    let offset = 0
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (offset <= 9 && offset + chunk.length > 9) chunk[9 - offset] = 0xff
      offset += chunk.length
      yield chunk
    }
    await feeding
  } finally {
    stream.destroy()
  }
}

async function feed(
  stream: NodeJS.WritableStream & { readonly destroyed: boolean },
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const batch of batches(chunks)) {
    if (stream.destroyed) return
    if (!stream.write(batch)) await drained(stream)
  }
  stream.end()
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

async function* batches(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    pending.push(chunk)
    length += chunk.length
    if (length >= batchBytes) {
      yield Buffer.concat(pending, length)
      pending = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(pending, length)
}

/**
 * Decompresses gzip, all members of it.
 *
 * @throws {ArchiveError} when it is damaged or gives more than `maxBytes`.
 */
export async function gunzip(
  data: Uint8Array,
  { maxBytes }: { readonly maxBytes: number },
): Promise<Uint8Array> {
  if (data[0] !== 0x1f || data[1] !== 0x8b) throw new ArchiveError('ARCHIVE_NOT_GZIP', 'gzip: invalid header')
  try {
    return await gunzipAsync(data, { maxOutputLength: maxBytes })
  } catch (cause) {
    const { code } = cause as { readonly code?: string }
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ArchiveError('ARCHIVE_TOO_LARGE', `decompressed content exceeds ${maxBytes} bytes`)
    }
    const reason = code === 'Z_BUF_ERROR' ? 'unexpected EOF' : 'gzip: invalid data'
    throw new ArchiveError('ARCHIVE_DAMAGED', reason, { cause })
  }
}
