import { explainsErrors, maxExplained, refusalHint } from '@sluice/applier'
import { ApplyError, formatObjectId, idOf, type ObjectId } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { annotations, enabledValue } from '@sluice/toolkit'
import { ApplyFailure } from './apply.ts'
import type { Work } from './work.ts'

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
  const hint = refusalHint(cause, recreation)
  if (hint !== '') return hint
  return message.endsWith('namespace not specified') ? 'the object names no namespace' : ''
}

const recreation = `immutable field: with ${annotations.force}: ${enabledValue} the object is deleted and created again`
