import { ToolkitError } from '@sluice/ports'

/** A command cannot do what was asked. Printed as `✗ message`, then the way out on a line of its own; exit code 1. */
export class CliError extends ToolkitError {
  override readonly name = 'CliError'
  /** What the person can do about it: one sentence. */
  readonly nextStep: string | undefined

  constructor(
    message: string,
    { nextStep, cause }: { readonly nextStep?: string; readonly cause?: unknown } = {},
  ) {
    super('CLI_ERROR', message, cause === undefined ? undefined : { cause })
    this.nextStep = nextStep
  }
}
