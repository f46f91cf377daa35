import { errorChain, type KubeObject, ToolkitError } from '@sluice/ports'
import { ApiError } from '../api-error.ts'
import type { ChangeSet } from './change-set.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'

export type ApplyErrorCode =
  | 'DRY_RUN_FAILED'
  | 'APPLY_FAILED'
  | 'CLEANUP_FAILED'
  | 'RECREATE_FAILED'
  | 'DELETE_FAILED'
  | 'WAIT_FAILED'

/** An object could not be applied or deleted. The chain of messages reads as Flux's does. */
export class ApplyError extends ToolkitError {
  override readonly name = 'ApplyError'
  readonly id: ObjectId

  constructor(code: ApplyErrorCode, id: ObjectId, message: string, options?: ErrorOptions) {
    super(code, `${formatObjectId(id)} ${message}`, options)
    this.id = id
  }
}

/** Applying came to an end half way: `changes` is what had been done before. The message is the cause's. */
export class PartialApplyError extends ToolkitError {
  override readonly name = 'PartialApplyError'
  readonly changes: ChangeSet
  /** What stopped it, one error an object. Not `cause`, which would repeat the message in a chain. */
  readonly failures: readonly unknown[]

  constructor(cause: unknown, changes: ChangeSet) {
    super('APPLY_INCOMPLETE', errorChain(cause))
    this.changes = changes
    this.failures = cause instanceof RefusedStageError ? cause.failures : [cause]
  }
}

/** Objects of a stage did not pass their dry run. The message is that of the first of them. */
export class RefusedStageError extends ToolkitError {
  override readonly name = 'RefusedStageError'
  readonly failures: readonly unknown[]

  constructor(failures: readonly unknown[]) {
    super('STAGE_REFUSED', errorChain(failures[0]))
    this.failures = failures
  }
}

/** The error of a refused dry run. Source: FEATURES of Flux 2.9, §5.5. */
export function dryRunError(id: ObjectId, object: KubeObject, cause: unknown): ApplyError {
  const options = { cause }
  const { reason, isNotFound } = reasonOf(cause)
  if (isNotFound) {
    const isUnplaced = (object.metadata.namespace ?? '') === ''
    return new ApplyError('DRY_RUN_FAILED', id, isUnplaced ? 'namespace not specified' : 'not found', options)
  }
  return new ApplyError('DRY_RUN_FAILED', id, `dry-run failed${reason && ` (${reason})`}`, options)
}

function reasonOf(error: unknown): { readonly reason: string; readonly isNotFound: boolean } {
  if (!(error instanceof ApiError)) return { reason: '', isNotFound: false }
  const isConflict = error.status.details?.causes?.some((it) => it.reason === 'FieldManagerConflict')
  if (isConflict) return { reason: 'FieldManagerConflict', isNotFound: false }
  // The kind is not served at all: no reason, since it is the client that says so.
  if (error.reason === 'NoKindMatch') return { reason: '', isNotFound: false }
  return { reason: error.reason, isNotFound: error.reason === 'NotFound' }
}

/** Whether the server refused because a field may not change, or may have. Source: as kubectl tells it. */
export function isImmutableError(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.reason === 'Conflict' || error.reason === 'Invalid') return true
  return /is\simmutable|immutable\sfield/.test(error.message)
}
