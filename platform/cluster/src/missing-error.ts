import { ToolkitError } from '@sluice/ports'
import { isApiError } from './api-error.ts'

/** Something that is referred to is not there, in the words of the one who looked for it instead of the server's. */
export class MissingError extends ToolkitError {
  override readonly name = 'MissingError'

  constructor(message: string) {
    super('MISSING', message)
  }
}

/** Whether an error, or one of its causes, is that something is not there. */
export function isMissing(error: unknown): boolean {
  if (error instanceof MissingError || isApiError(error, 'NotFound')) return true
  return error instanceof Error && error.cause !== undefined && isMissing(error.cause)
}
