import { messages, reasons, type ToolkitObject } from '@sluice/toolkit'
import type { Run } from './run.ts'

/**
 * Says that work has begun, and writes it down where someone is waiting for it: after a change of the specification, and
 * when it was asked for.
 */
export async function announce<T extends ToolkitObject>(run: Run<T>): Promise<undefined> {
  const { conditions, object } = run
  const { generation = 0 } = object.metadata
  const observed = object.status?.observedGeneration ?? 0
  conditions.progress(reasons.progressing, messages.reconciliationInProgress)
  if (generation !== observed) {
    conditions.progress(reasons.progressing, messages.newGeneration(observed, generation))
    await run.saveStatus()
  } else if (run.requestedAt !== undefined) {
    await run.saveStatus()
  }
}
