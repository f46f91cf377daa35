import { isMissing } from '@sluice/cluster'
import type { ToolkitObject } from '@sluice/toolkit'
import type { Outcome } from './outcome.ts'
import type { Run } from './run.ts'

/** Returns an outcome to end the run, nothing to go on, and throws to fail. */
export type Step<W> = (work: W) => Promise<Outcome | undefined>

/** How long after its creation an object may refer to what is not there yet. */
const graceMs = 3_000
const graceRetryMs = 300

/**
 * Runs steps from the first to the last, as far as they go.
 *
 * People apply an object and its Secret together. When the object comes first, that is no failure to report: an object that
 * was made just now is looked at again in a moment.
 *
 * @throws {TypeError} when none of the steps ends the run.
 */
export async function runSteps<T extends ToolkitObject, W extends { readonly run: Run<T> }>(
  work: W,
  steps: readonly Step<W>[],
): Promise<Outcome> {
  try {
    for (const step of steps) {
      // A step builds on the one before.
      const outcome = await step(work)
      if (outcome) return outcome
    }
  } catch (error) {
    if (isNew(work.run) && isMissing(error)) return { kind: 'wait', requeueAfter: graceRetryMs }
    throw error
  }
  throw new TypeError('the last step ends a run')
}

function isNew({ object, startedAt }: Run<ToolkitObject>): boolean {
  const created = Date.parse(object.metadata.creationTimestamp ?? '')
  return startedAt - created < graceMs
}
