import { ToolkitError } from '@sluice/ports'

/** A text with `${…}` could not be read, or a variable of it is not set. The messages are Flux's. */
export class EnvsubstError extends ToolkitError {
  override readonly name = 'EnvsubstError'

  constructor(code: 'ENVSUBST_SYNTAX' | 'ENVSUBST_NOT_SET' | 'ENVSUBST_INVALID', message: string) {
    super(code, message)
  }
}
