import { ToolkitError } from '@sluice/ports'

export type BlobErrorCode =
  /** The address of the store is malformed. */
  | 'BLOB_URL'
  /** What the store holds is none of ours, or damaged. */
  | 'BLOB_INVALID'

/** A blob store cannot be used. */
export class BlobError extends ToolkitError {
  override readonly name = 'BlobError'
  declare readonly code: BlobErrorCode

  constructor(code: BlobErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
