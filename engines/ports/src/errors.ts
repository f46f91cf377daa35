/** Base of every error this project throws on purpose. */
export class ToolkitError extends Error {
  override readonly name: string = 'ToolkitError'
  /** Stable, upper-snake identifier; safe to match on. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `outer: inner: innermost`, the way Go prints a wrapped error. */
export function errorChain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${errorChain(error.cause)}`
}
