import { type ActionContext, withStatus } from './action-context.ts'
import { type Action, type ActionResult, historyOf } from './effects.ts'

/**
 * Marks the last revision as failed when an action upon it was cut short, so that the next action is possible.
 *
 * Source: Flux 2.9, whose controller does it at its next run.
 */
export function* unlock({ name }: ActionContext): Action<ActionResult> {
  const last = (yield* historyOf(name)).at(-1)
  if (!last || !isPending(last.info.status)) return { release: undefined, failure: undefined }
  const release = withStatus(last, 'failed', `${cutShort} '${last.info.status}' state`)
  yield { kind: 'record', release, as: 'modified' }
  return { release, failure: undefined }
}

const cutShort = 'Release unlocked from stale'

/** Whether the action that made this revision was cut short, and is known to have been. */
export function wasCutShort({ info }: { readonly info: { readonly description: string } }): boolean {
  return info.description.startsWith(cutShort)
}

/** Whether an action upon the revision is under way, or was cut short. */
export function isPending(status: string): boolean {
  return status.startsWith('pending-')
}
