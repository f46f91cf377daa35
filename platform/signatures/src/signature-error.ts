import { ToolkitError } from '@sluice/ports'

/** A signature is missing, wrong or not by whom it should be; or there is nothing to tell that by. */
export class SignatureError extends ToolkitError {
  override readonly name = 'SignatureError'

  constructor(message: string, options?: ErrorOptions) {
    super('SIGNATURE_INVALID', message, options)
  }
}
