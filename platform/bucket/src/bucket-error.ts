import { ToolkitError } from '@sluice/ports'

export type BucketErrorCode =
  | 'BUCKET_NOT_FOUND'
  | 'OBJECT_NOT_FOUND'
  | 'BUCKET_REFUSED'
  | 'BUCKET_INVALID'
  | 'BUCKET_TOO_LARGE'

/** An object store refused or answered with nonsense. The message is the store's own where it has one. */
export class BucketError extends ToolkitError {
  override readonly name = 'BucketError'

  constructor(code: BucketErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
