import { ToolkitError } from '@sluice/ports'

/** A JSON patch is none, or does not apply. */
export class JsonPatchError extends ToolkitError {
  override readonly name = 'JsonPatchError'

  constructor(message: string) {
    super('JSON_PATCH_FAILED', message)
  }
}
