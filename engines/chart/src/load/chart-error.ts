import { ToolkitError } from '@sluice/ports'

export type ChartErrorCode =
  | 'CHART_ARCHIVE'
  | 'CHART_INVALID'
  | 'CHART_MISSING'
  | 'CHART_TOO_LARGE'
  | 'CHART_IGNORE_FILE'

/** A chart cannot be loaded. The message is Helm's. */
export class ChartError extends ToolkitError {
  override readonly name = 'ChartError'

  constructor(code: ChartErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
