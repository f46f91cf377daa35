import { ToolkitError } from '@sluice/ports'

/** How a failure is shown and when it is tried again. */
export type FailureOptions = {
  readonly cause?: unknown
  /**
   * The condition to set: True when the kind's table has it under negative polarity, else False. The table's target
   * (`Ready`) when absent.
   */
  readonly condition?: string
  /** What the condition says, where that is not what the event says. */
  readonly says?: { readonly reason: string; readonly message: string }
  /** Tries again after this time instead of with exponential backoff. Milliseconds. */
  readonly retryAfterMs?: number
  /** The event to record: `Warning` when absent. */
  readonly event?: 'Warning' | 'Normal' | 'Trace' | 'none'
  /** Metadata of the event; keys without the group's prefix. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A reconciliation failed for a reason that people will read in the conditions and events of the object. Their message is
 * this error's chain, so that it compares equal with Go's.
 *
 * @example
 * throw new ReconcileFailure('GitOperationFailed', 'failed to checkout and determine revision', {
 *   condition: 'FetchFailed', cause,
 * })
 */
export class ReconcileFailure extends ToolkitError {
  override readonly name = 'ReconcileFailure'
  readonly reason: string
  readonly options: Omit<FailureOptions, 'cause'>

  constructor(reason: string, message: string, { cause, ...options }: FailureOptions = {}) {
    super('RECONCILE_FAILED', message, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.options = options
  }
}
