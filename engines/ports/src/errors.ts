/** Base of every error this project throws on purpose. */
export class ToolkitError extends Error {
  override readonly name: string = 'ToolkitError'
  /** Stable, upper-snake identifier; safe to match on. */
  readonly code: string
  /** Whether the message says what the causes say too, as the texts of Go's tools do; {@link errorChain} ends here. */
  readonly isWhole: boolean = false

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `outer: inner: innermost`, the way Go prints a wrapped error. */
export function errorChain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isWhole = error.cause === undefined || (error instanceof ToolkitError && error.isWhole)
  return isWhole ? error.message : `${error.message}: ${errorChain(error.cause)}`
}
