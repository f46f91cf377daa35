import { ToolkitError } from '@sluice/ports'

export type ChartErrorCode =
  | 'CHART_ARCHIVE'
  | 'CHART_INVALID'
  | 'CHART_MISSING'
  | 'CHART_TOO_LARGE'
  | 'CHART_IGNORE_FILE'
  /** The index of a repository is unusable. */
  | 'CHART_INDEX'
  /** An index has no such chart, or no such version. */
  | 'CHART_NOT_FOUND'
  /** An address is malformed. */
  | 'CHART_URL'
  /** A release's record is unreadable. */
  | 'CHART_RECORD'
  /** A hook of a release failed. */
  | 'CHART_HOOK'
  /** An action on a release failed or may not be done now. */
  | 'CHART_ACTION'

/** A chart cannot be loaded. The message is Helm's. */
export class ChartError extends ToolkitError {
  override readonly name = 'ChartError'
  override readonly isWhole = true
  declare readonly code: ChartErrorCode

  constructor(code: ChartErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** A chart was rendered, and something in it is no object. */
export class ManifestError extends ChartError {
  /** What was rendered, by the templates' paths. */
  readonly files: ReadonlyMap<string, string>

  constructor(files: ReadonlyMap<string, string>, cause: ChartError) {
    super(cause.code, cause.message, { cause })
    this.files = files
  }
}
