import { ToolkitError } from '@sluice/ports'

/** A template that cannot be read, or data that it does not fit; worded as kubectl words it. */
export class JsonPathError extends ToolkitError {
  override readonly name: string = 'JsonPathError'

  constructor(message: string) {
    super('JSON_PATH_INVALID', message)
  }
}
