import { ToolkitError } from '@sluice/ports'

export type HelmRepositoryErrorCode =
  /** The index or what it says is unusable. */
  | 'HELM_INDEX'
  /** No chart of that name and version: asking again without a change is of no use. */
  | 'HELM_REFERENCE'
  /** The repository did not give what was asked for. */
  | 'HELM_FETCH'
  /** A chart is not signed as it must be. */
  | 'HELM_SIGNATURE'

/** A chart repository could not be read. Messages are Helm's and Flux's. */
export class HelmRepositoryError extends ToolkitError {
  override readonly name = 'HelmRepositoryError'

  constructor(code: HelmRepositoryErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
