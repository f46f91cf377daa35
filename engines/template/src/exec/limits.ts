/** What one run of templates may use. */
export type Limits = {
  /** Actions, iterations and calls. */
  readonly steps: number
  /** Output and every text that a function makes, in UTF-16 units. */
  readonly bytes: number
  /** Templates inside of templates. */
  readonly depth: number
}

/**
 * Enough for any chart that people write, and reached by a hostile one within seconds. The depth is Go's; the stack of the
 * host mostly ends before, with the same error.
 */
export const defaultLimits: Limits = { steps: 20_000_000, bytes: 256 * 1024 * 1024, depth: 100_000 }
