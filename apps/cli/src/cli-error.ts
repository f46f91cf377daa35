import { ToolkitError } from '@sluice/ports'

/** A command cannot do what was asked. Printed as `✗ message`, then the way out on a line of its own; exit code 1 unless another is given. */
export class CliError extends ToolkitError {
  override readonly name = 'CliError'
  /** What the person can do about it: one sentence. */
  readonly nextStep: string | undefined
  readonly exitCode: number
  /** Whether it is a result rather than a failure: printed with `⚠️`. */
  readonly isWarning: boolean

  constructor(message: string, { nextStep, cause, exitCode = 1, isWarning = false }: CliErrorOptions = {}) {
    super('CLI_ERROR', message, cause === undefined ? undefined : { cause })
    this.nextStep = nextStep
    this.exitCode = exitCode
    this.isWarning = isWarning
  }
}

export type CliErrorOptions = {
  readonly nextStep?: string
  readonly cause?: unknown
  readonly exitCode?: number
  readonly isWarning?: boolean
}
