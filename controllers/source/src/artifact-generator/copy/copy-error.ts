import { ToolkitError } from '@sluice/ports'

/** Files cannot be copied as an ArtifactGenerator says. */
export class CopyError extends ToolkitError {
  override readonly name = 'CopyError'

  constructor(message: string, options?: ErrorOptions) {
    super('COPY_FAILED', message, options)
  }
}
