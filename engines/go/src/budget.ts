import { ToolkitError } from '@sluice/ports'

/** What one run may still use. Work that grows faster than its input pays before it is done. */
export interface Budget {
  /**
   * Takes `amount` bytes of output or as many steps.
   * @throws {GoBoundsError} when there is no more.
   */
  spend(amount: number): void
}

/** A run asked for more than it may have: bytes, steps or depth. */
export class GoBoundsError extends ToolkitError {
  override readonly name = 'GoBoundsError'

  constructor(message: string, options?: ErrorOptions) {
    super('GO_BOUNDS_EXCEEDED', message, options)
  }
}

/** A budget of `amount` bytes and steps. */
export function budgetOf(amount: number): Budget {
  let left = amount
  return {
    spend: (used) => {
      left -= used
      if (!(left >= 0)) throw new GoBoundsError(`more than ${amount} bytes or steps were asked for`)
    },
  }
}
