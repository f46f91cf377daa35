import { ToolkitError } from '@sluice/ports'

export type FlagErrorCode = 'FLAG_UNKNOWN' | 'FLAG_INVALID' | 'FLAG_MISSING_VALUE' | 'FEATURE_GATE_UNKNOWN'

/** A command line that says nothing a controller could start with. */
export class FlagError extends ToolkitError {
  override readonly name = 'FlagError'

  constructor(code: FlagErrorCode, message: string) {
    super(code, message)
  }
}
