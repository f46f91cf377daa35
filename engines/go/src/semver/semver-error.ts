import { ToolkitError } from '@sluice/ports'

/** A text is no version or no constraint. The message is the one of Masterminds/semver. */
export class SemverError extends ToolkitError {
  override readonly name = 'SemverError'

  constructor(code: 'SEMVER_VERSION' | 'SEMVER_CONSTRAINT', message: string) {
    super(code, message)
  }
}
