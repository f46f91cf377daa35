import { ToolkitError } from '@sluice/ports'

export type OciErrorCode =
  | 'OCI_INVALID_REFERENCE'
  | 'OCI_NOT_FOUND'
  | 'OCI_UNAUTHORIZED'
  | 'OCI_REGISTRY'
  | 'OCI_DIGEST_MISMATCH'
  | 'OCI_INVALID'
  | 'OCI_TOO_LARGE'

/** A registry refused, or gave something else than what was asked for. */
export class OciError extends ToolkitError {
  override readonly name = 'OciError'
  /** HTTP status, 0 where it was none that was in the way. */
  readonly status: number

  constructor(
    code: OciErrorCode,
    message: string,
    { status = 0, ...options }: ErrorOptions & { readonly status?: number } = {},
  ) {
    super(code, message, options)
    this.status = status
  }
}
