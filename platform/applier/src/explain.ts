import { ApiError } from '@sluice/cluster'
import { enabledValue, ownAnnotations, type ToolkitObject } from '@sluice/toolkit'

/** Objects that an explanation tells of at most. */
export const maxExplained = 20

/** Whether failures are to name the files that objects come from; beyond Flux, so an object has to ask for it. */
export function explainsErrors({ metadata }: Pick<ToolkitObject, 'metadata'>): boolean {
  return metadata.annotations?.[ownAnnotations.explainErrors]?.toLowerCase() === enabledValue
}

/**
 * What to make of an object that the server refused; empty when there is nothing to add to the error.
 *
 * @param immutable what is said of fields that cannot be changed
 */
export function refusalHint(cause: unknown, immutable: string = 'immutable field'): string {
  if (!(cause instanceof ApiError)) return ''
  const isConflict = cause.status.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict')
  if (isConflict || cause.reason === 'Conflict') return 'conflict: somebody else owns these fields'
  if (isImmutable(cause)) return immutable
  if (cause.reason === 'Forbidden') return 'refused: the account may not do this'
  return cause.reason === 'NoKindMatch' ? 'no such kind in this cluster' : ''
}

function isImmutable({ message }: ApiError): boolean {
  return /is\simmutable|immutable\sfield/.test(message)
}
