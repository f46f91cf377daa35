import { ToolkitError } from '@sluice/ports'

/** The object has to change before another try makes sense. The message is that of its conditions. */
export class Stall extends ToolkitError {
  override readonly name = 'Stall'
  readonly reason: string

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super('AUTOMATION_STALLED', message, options)
    this.reason = reason
  }
}
