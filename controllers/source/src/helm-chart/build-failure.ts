import { errorChain, ToolkitError } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, sourceReasons } from '@sluice/toolkit'
import type { ChartWork } from './chart-work.ts'

const { fetchFailed, buildFailed, sourceVerified } = conditionTypes

/** Where the making of a chart failed. The values are the reasons in conditions. */
export type BuildFailureReason =
  | typeof sourceReasons.invalidChartReference
  | typeof sourceReasons.chartPullError
  | typeof sourceReasons.metadataPatchError
  | typeof sourceReasons.valuesFilesError
  | typeof sourceReasons.dependencyBuildError
  | typeof sourceReasons.chartPackageError
  | typeof sourceReasons.chartVerificationError

type Rule = {
  readonly summary: string
  /** Whether trying again without a change of the object or its source is of no use. */
  readonly isPersistent: boolean
  /** Whether the source was at hand, and what was made of it failed. */
  readonly isBuilding: boolean
}

const rules: Readonly<Record<BuildFailureReason, Rule>> = {
  [sourceReasons.invalidChartReference]: {
    summary: 'invalid chart reference',
    isPersistent: true,
    isBuilding: false,
  },
  [sourceReasons.chartPullError]: { summary: 'chart pull error', isPersistent: false, isBuilding: false },
  [sourceReasons.metadataPatchError]: {
    summary: 'chart metadata patch error',
    isPersistent: true,
    isBuilding: true,
  },
  [sourceReasons.valuesFilesError]: {
    summary: 'values files merge error',
    isPersistent: true,
    isBuilding: true,
  },
  [sourceReasons.dependencyBuildError]: {
    summary: 'dependency build error',
    isPersistent: false,
    isBuilding: true,
  },
  [sourceReasons.chartPackageError]: {
    summary: 'chart package error',
    isPersistent: false,
    isBuilding: true,
  },
  [sourceReasons.chartVerificationError]: {
    summary: 'chart verification error',
    isPersistent: false,
    isBuilding: true,
  },
}

/** A chart could not be made. The message begins with what was being done; the cause says why. */
export class BuildFailure extends ToolkitError {
  override readonly name = 'BuildFailure'
  readonly reason: BuildFailureReason

  constructor(reason: BuildFailureReason, why: unknown) {
    const cause = typeof why === 'string' ? new ToolkitError('CHART_BUILD', why) : why
    super('CHART_BUILD_FAILED', rules[reason].summary, { cause })
    this.reason = reason
  }
}

/** There was no beginning to make the chart: its source cannot be read, or not as it is configured. */
export class UnreadableSource extends ToolkitError {
  override readonly name = 'UnreadableSource'
  readonly reason: string
  /** Whether trying again without a change is of no use. */
  readonly isPersistent: boolean

  constructor(
    reason: string,
    message: string,
    { isPersistent = false, ...options }: ErrorOptions & { readonly isPersistent?: boolean } = {},
  ) {
    super('CHART_SOURCE', message, options)
    this.reason = reason
    this.isPersistent = isPersistent
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

/**
 * Says in the conditions what went wrong.
 *
 * Source: fluxcd/source-controller, observeChartBuild. What did not come from the build itself has the reason `Unknown`
 * in the condition, and its own in the event.
 * @throws {ReconcileFailure} for what is to be tried again, and whatever is no failure of a build.
 */
export function concludeFailure({ run }: ChartWork, error: unknown): Outcome {
  const message = errorChain(error)
  if (error instanceof BuildFailure) {
    const { isPersistent, isBuilding } = rules[error.reason]
    const [condition, other] = isBuilding ? [buildFailed, fetchFailed] : [fetchFailed, buildFailed]
    run.conditions.remove(other)
    if (error.reason === sourceReasons.chartVerificationError) {
      run.conditions.markFalse(sourceVerified, sourceReasons.verificationError, message)
    }
    if (!isPersistent) throw new ReconcileFailure(error.reason, message, { condition })
    run.conditions.markTrue(condition, error.reason, message)
    return { kind: 'stalled', reason: error.reason, message }
  }
  if (!(error instanceof UnreadableSource)) throw error
  run.conditions.remove(buildFailed)
  if (error.reason === sourceReasons.verificationError) {
    run.conditions.markFalse(sourceVerified, error.reason, message)
  }
  const says = { reason: 'Unknown', message: `unknown build error: ${message}` }
  if (!error.isPersistent) {
    throw new ReconcileFailure(error.reason, message, { condition: fetchFailed, says })
  }
  run.conditions.markTrue(fetchFailed, says.reason, says.message)
  return { kind: 'stalled', reason: error.reason, message }
}
