import { ToolkitError } from '@sluice/ports'

/** JSON could not be read or written. The message is the one of Go's encoding/json. */
export class JsonError extends ToolkitError {
  override readonly name = 'JsonError'
  /** Offset in UTF-16 units for a text that is not JSON, else -1. */
  readonly offset: number

  constructor(
    code: 'JSON_SYNTAX' | 'JSON_UNSUPPORTED' | 'JSON_LIMIT',
    message: string,
    { offset = -1 }: { readonly offset?: number } = {},
  ) {
    super(code, message)
    this.offset = offset
  }
}
