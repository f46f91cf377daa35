import { ToolkitError } from '@sluice/ports'

/** A cloud gives no credentials, or there is nothing to ask it with. No message carries a token. */
export class CloudError extends ToolkitError {
  override readonly name = 'CloudError'

  constructor(message: string, options?: ErrorOptions) {
    super('CLOUD_LOGIN', message, options)
  }
}
