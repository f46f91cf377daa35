import { ToolkitError } from '@sluice/ports'

/** Why nothing could be made of a specification and its sources. */
export type DeliveryErrorCode =
  | 'INVALID_KUSTOMIZATION'
  | 'COMPONENT_NOT_LOCAL'
  | 'BUILD_FAILED'
  | 'DECRYPTION_FAILED'
  | 'SUBSTITUTION_FAILED'

/** A specification could not be turned into objects. The message's chain is what Flux puts into the status. */
export class DeliveryError extends ToolkitError {
  override readonly name = 'DeliveryError'

  constructor(code: DeliveryErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
