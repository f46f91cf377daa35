import { ApiError, ApplyError, formatObjectId, idOf, type ObjectId } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { annotations, enabledValue, type Kustomization, ownAnnotations } from '@sluice/toolkit'
import { ApplyFailure } from './apply.ts'
import type { Work } from './work.ts'

/** Objects that an explanation tells of at most. */
export const maxExplained = 20

/** Whether failures are to name the files that objects come from; beyond Flux, so the Kustomization has to ask for it. */
export function explainsErrors({ metadata }: Kustomization): boolean {
  return metadata.annotations?.[ownAnnotations.explainErrors]?.toLowerCase() === enabledValue
}

/**
 * The failure with a line for each object that could not be applied: its file, and what to make of it. The message begins as
 * it would without, and the event's metadata name the files.
 */
export async function explained(
  work: Work,
  failed: ReconcileFailure,
  error: unknown,
): Promise<ReconcileFailure> {
  if (!explainsErrors(work.object) || !(error instanceof ApplyFailure)) return failed
  const fileOf = await findFiles(work)
  const wrong = error.failures.filter((it) => it instanceof ApplyError).slice(0, maxExplained)
  if (wrong.length === 0) return failed
  const lines = wrong.map((it, at) => {
    const { id } = it
    const hint = hintOf(it)
    // The message has the first error already.
    const what = at === 0 ? formatObjectId(id) : errorChain(it)
    return `${fileOf(id) ?? 'unknown file'}: ${what}${hint && ` (${hint})`}`
  })
  const files = new Set(wrong.map(({ id }) => fileOf(id)).filter((file) => file !== undefined))
  const { options, reason, message } = failed
  return new ReconcileFailure(reason, `${message}\nNot applied:\n${lines.join('\n')}\n`, {
    ...options,
    metadata: { ...options.metadata, files: [...files].join(',') },
  })
}

async function findFiles(work: Work): Promise<(id: ObjectId) => string | undefined> {
  const files = (await work.findFiles?.()) ?? []
  const found = new Map((work.objects ?? []).map((object, at) => [keyOf(idOf(object)), files[at]]))
  return (id) => found.get(keyOf(id))
}

function keyOf(id: ObjectId): string {
  return `${id.group} ${formatObjectId(id)}`
}

function hintOf({ cause, message }: ApplyError): string {
  if (!(cause instanceof ApiError)) return ''
  const isConflict = cause.status.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict')
  if (isConflict || cause.reason === 'Conflict') return 'conflict: somebody else owns these fields'
  if (/is\simmutable|immutable\sfield/.test(cause.message)) {
    return `immutable field: with ${annotations.force}: ${enabledValue} the object is deleted and created again`
  }
  if (cause.reason === 'Forbidden') return 'refused: the account may not do this'
  if (cause.reason === 'NoKindMatch') return 'no such kind in this cluster'
  return message.endsWith('namespace not specified') ? 'the object names no namespace' : ''
}
