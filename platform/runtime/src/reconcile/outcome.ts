/** How a reconciliation ended; failures are thrown, never returned. Durations in milliseconds. */
export type Outcome =
  /**
   * Came to a conclusion: `Reconciling` and `Stalled` go, `observedGeneration` moves. Looked at again after
   * `requeueAfter` with jitter; 0 for not until something changes.
   */
  | { readonly kind: 'done'; readonly requeueAfter: number }
  /** Nothing was concluded, such as for want of a dependency; looked at again after exactly this time. */
  | { readonly kind: 'wait'; readonly requeueAfter: number }
  /** Is to run again at once, with the backoff of failures. */
  | { readonly kind: 'requeue' }
  /** Cannot succeed before something changes: `Stalled`, a Warning event, no retry. */
  | {
      readonly kind: 'stalled'
      readonly reason: string
      readonly message: string
      /** Metadata of the event; keys without the group's prefix. */
      readonly metadata?: Readonly<Record<string, string>>
    }
