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
  /**
   * The reconciler has said everything itself: conditions stay as they are, and no event is recorded. The generation counts
   * as observed when the run is `concluded`.
   */
  | { readonly kind: 'said'; readonly concluded: boolean; readonly next: Next }

/** What is to happen to the object's key. */
export type Next =
  /** Comes back after this time with jitter. Milliseconds. */
  | { readonly kind: 'interval'; readonly ms: number }
  /** Comes back after exactly this time. Milliseconds. */
  | { readonly kind: 'after'; readonly ms: number }
  /** Comes back with the backoff of failures; an error is logged. */
  | { readonly kind: 'backoff'; readonly error?: unknown }
  /** Waits for a change. */
  | { readonly kind: 'nothing' }
