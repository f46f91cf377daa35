import { ToolkitError } from '@sluice/ports'

/** The `Status` object that an API server answers with when it refuses. */
export type ApiStatus = {
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly uid?: string
    readonly causes?: readonly {
      readonly reason?: string
      readonly message?: string
      readonly field?: string
    }[]
    readonly retryAfterSeconds?: number
  }
}

/** An API server refused a request, or did not answer (`code` 0). The message is the server's own. */
export class ApiError extends ToolkitError {
  override readonly name = 'ApiError'
  /** HTTP status, 0 when no answer arrived. */
  readonly statusCode: number
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Forbidden`, `Expired`, … as in `metav1.StatusReason`. */
  readonly reason: string
  readonly status: ApiStatus

  constructor(status: ApiStatus, options?: ErrorOptions) {
    super('API_ERROR', status.message ?? status.reason ?? 'the server did not answer', options)
    this.status = status
    this.statusCode = status.code ?? 0
    this.reason = status.reason ?? ''
  }
}

/** Whether `error` is an {@link ApiError} with this reason. */
export function isApiError(error: unknown, reason: string): error is ApiError {
  return error instanceof ApiError && error.reason === reason
}
