import { ToolkitError } from './errors.ts'

/** gzip, synchronous because engines are. The host's comes from node:zlib. */
export interface Compression {
  /** Reproducible: no name and no time in the header. */
  gzip(data: Uint8Array): Uint8Array
  /** @throws {CompressionError} when `data` is not gzip, ends early, or gives more than `maxBytes`. */
  gunzip(data: Uint8Array, options: GunzipOptions): Uint8Array
}

export type GunzipOptions = {
  readonly maxBytes: number
  /** What comes of bytes behind the compressed data that are not gzip themselves. Default: an error. */
  readonly trailing?: 'ignored'
}

/** Compressed data could not be read. */
export class CompressionError extends ToolkitError {
  override readonly name = 'CompressionError'

  constructor(
    code: 'COMPRESSION_INVALID' | 'COMPRESSION_TRUNCATED' | 'COMPRESSION_TOO_LARGE',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
  }
}
