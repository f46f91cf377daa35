import { ToolkitError } from '@sluice/ports'

export type ArtifactErrorCode =
  | 'ARTIFACT_NOT_FOUND'
  | 'ARTIFACT_UNREACHABLE'
  | 'ARTIFACT_DIGEST_MISMATCH'
  | 'ARTIFACT_TOO_LARGE'
  | 'ARTIFACT_INVALID'

/** An artifact could not be stored, read or fetched. */
export class ArtifactError extends ToolkitError {
  override readonly name = 'ArtifactError'

  constructor(code: ArtifactErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
