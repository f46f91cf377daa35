import { ToolkitError } from '@sluice/ports'

/** An error or panic of a Go function; the message is Go's text, without position. */
export class GoError extends ToolkitError {
  override readonly name: string = 'GoError'
  override readonly isWhole = true

  constructor(message: string, options?: ErrorOptions) {
    super('GO_ERROR', message, options)
  }
}
