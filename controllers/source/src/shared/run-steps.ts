import type { Outcome } from '@sluice/runtime'

/** Returns an outcome to end the run, nothing to go on, and throws to fail. */
export type Step<W> = (work: W) => Promise<Outcome | undefined>

/** Runs steps from the first to the last, as far as they go. @throws {TypeError} when none of them ends the run. */
export async function runSteps<W>(work: W, steps: readonly Step<W>[]): Promise<Outcome> {
  for (const step of steps) {
    // A step builds on the one before.
    const outcome = await step(work)
    if (outcome) return outcome
  }
  throw new TypeError('the last step ends a run')
}
