import { ImageError, type ObjectIdentifier, renderCommitMessage, type UpdatedImage } from '@sluice/image'
import type { GoCase, GoOutcome } from './go-case.ts'
import { templatePorts } from './template-ports.ts'

const ports = templatePorts()

type RecordedChange = {
  readonly file: string
  readonly object: ObjectIdentifier
  readonly changes: readonly { readonly old: string; readonly new: string; readonly setter: string }[]
  readonly images?: readonly UpdatedImage[]
}

/** Kind `commit-message`: the message of a commit by image automation. */
export function runCommitMessage(input: GoCase): GoOutcome {
  const changes = (input['changes'] as RecordedChange[]).map((it) => ({
    file: it.file,
    object: it.object,
    changes: it.changes.map((change) => ({
      oldValue: change.old,
      newValue: change.new,
      setter: change.setter,
    })),
    images: it.images ?? [],
  }))
  const values = input['values'] as Record<string, string> | null | undefined
  const data = {
    automation: input['automation'] as { name: string; namespace: string },
    changes,
    ...(values && { values }),
  }
  try {
    const form = input['api'] === 'v1' ? 'v1' : 'all'
    return { out: renderCommitMessage(String(input['template']), data, { ports, form }) }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return { error: error.message, stage: error.code === 'COMMIT_TEMPLATE_INVALID' ? 'parse' : 'exec' }
  }
}
