import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

/** The steps set `Ready` themselves: what went wrong first is what counts. */
export const kustomizationConditions: ConditionTable = {
  target: conditionTypes.ready,
  owned: [
    conditionTypes.healthy,
    conditionTypes.planned,
    conditionTypes.ready,
    conditionTypes.reconciling,
    conditionTypes.stalled,
  ],
  summarize: [],
  negativePolarity: [conditionTypes.reconciling, conditionTypes.stalled],
}
