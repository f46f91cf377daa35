import { ToolkitError } from '@sluice/ports'

export type PatchErrorCode = 'PATCH_INVALID' | 'PATCH_NOT_APPLICABLE' | 'PATCH_TOO_LARGE'

/** A patch is malformed, or does not fit the document. */
export class PatchError extends ToolkitError {
  override readonly name = 'PatchError'

  constructor(code: PatchErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
