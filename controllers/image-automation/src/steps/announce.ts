import { formatTime, messages, reasons } from '@sluice/toolkit'
import type { Step } from '../work.ts'

/** Says in the status that the object is worked on. */
export const announce: Step = async ({ run }) => {
  const { object, status, conditions, requestedAt } = run
  status.lastAutomationRunTime = formatTime(run.startedAt)
  const { generation = 0 } = object.metadata
  const observed = object.status?.observedGeneration ?? -1
  const isNew = generation !== observed
  conditions.progress(
    reasons.progressing,
    isNew ? messages.newGeneration(observed, generation) : messages.reconciliationInProgress,
  )
  if (isNew || requestedAt !== undefined) await run.saveStatus()
  return undefined
}
