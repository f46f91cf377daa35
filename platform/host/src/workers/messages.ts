import { ToolkitError } from '@sluice/ports'

/** What goes to a worker. It has one job at a time, so answers need no address. */
export type ToWorker =
  | { readonly kind: 'job'; readonly job: unknown }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'refusal' }

/** What comes from a worker. */
export type FromWorker =
  | { readonly kind: 'question'; readonly question: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failure'; readonly failure: PackedError }

/** An error between threads, which know nothing of each other's classes. */
export type PackedError = {
  readonly name: string
  readonly message: string
  /** Of errors of the toolkit. */
  readonly code: string | undefined
  /** Whether the message tells of its causes; see {@link ToolkitError}. */
  readonly isWhole: boolean
  readonly cause: PackedError | undefined
}

/** Causes of an error that are told of at most. */
const maxCauses = 16

export function packError(error: unknown, depth = 0): PackedError {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: String(error), code: undefined, isWhole: true, cause: undefined }
  }
  const { name, message, cause } = error
  const { code } = error as { readonly code?: unknown }
  return {
    name,
    message,
    code: typeof code === 'string' ? code : undefined,
    isWhole: error instanceof ToolkitError && error.isWhole,
    cause: cause === undefined || depth >= maxCauses ? undefined : packError(cause, depth + 1),
  }
}
