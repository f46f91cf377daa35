import { ToolkitError } from '@sluice/ports'
import type { PackedError } from './messages.ts'

/** A worker could not come to the end of a job. */
export class WorkerError extends ToolkitError {
  override readonly name = 'WorkerError'
  declare readonly code: 'WORKER_TIMEOUT' | 'WORKER_DIED' | 'WORKER_CLOSED'

  constructor(code: WorkerError['code'], message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** A job failed in its worker, in a way that who gave it may understand. */
export class JobError extends ToolkitError {
  override readonly name = 'JobError'
  readonly failure: PackedError

  constructor(failure: PackedError) {
    super('WORKER_JOB_FAILED', failure.message)
    this.failure = failure
  }
}
