import { ToolkitError } from '@sluice/ports'
import { sourceReasons } from '@sluice/toolkit'

/** Where the making of a chart failed. The values are the reasons in conditions. */
export type BuildFailureReason =
  | typeof sourceReasons.invalidChartReference
  | typeof sourceReasons.chartPullError
  | typeof sourceReasons.metadataPatchError
  | typeof sourceReasons.valuesFilesError
  | typeof sourceReasons.dependencyBuildError
  | typeof sourceReasons.chartPackageError
  | typeof sourceReasons.chartVerificationError

const summaries: Readonly<Record<BuildFailureReason, string>> = {
  [sourceReasons.invalidChartReference]: 'invalid chart reference',
  [sourceReasons.chartPullError]: 'chart pull error',
  [sourceReasons.metadataPatchError]: 'chart metadata patch error',
  [sourceReasons.valuesFilesError]: 'values files merge error',
  [sourceReasons.dependencyBuildError]: 'dependency build error',
  [sourceReasons.chartPackageError]: 'chart package error',
  [sourceReasons.chartVerificationError]: 'chart verification error',
}

/** A chart could not be made. The message begins with what was being done; the cause says why. */
export class BuildFailure extends ToolkitError {
  override readonly name = 'BuildFailure'
  readonly reason: BuildFailureReason

  constructor(reason: BuildFailureReason, why: unknown) {
    const cause = typeof why === 'string' ? new ToolkitError('CHART_BUILD', why) : why
    super('CHART_BUILD_FAILED', summaries[reason], { cause })
    this.reason = reason
  }

  /** Whether trying again without a change of the object or its source is of no use. */
  get isPersistent(): boolean {
    return (
      this.reason === sourceReasons.invalidChartReference ||
      this.reason === sourceReasons.metadataPatchError ||
      this.reason === sourceReasons.valuesFilesError
    )
  }

  /** Whether the source was at hand, and what was made of it failed. */
  get isBuilding(): boolean {
    return this.reason !== sourceReasons.invalidChartReference && this.reason !== sourceReasons.chartPullError
  }
}

/** Does `work`; what goes wrong is a failure of this reason, with `message` before it if there is one. */
export async function building<T>(
  reason: BuildFailureReason,
  work: () => T | Promise<T>,
  message?: string,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof BuildFailure || !(cause instanceof ToolkitError)) throw cause
    const why = message === undefined ? cause : new ToolkitError('CHART_BUILD', message, { cause })
    throw new BuildFailure(reason, why)
  }
}
