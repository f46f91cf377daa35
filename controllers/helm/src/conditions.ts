import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

/** The steps and actions set `Ready` themselves: which condition it follows depends on the specification. */
export const helmReleaseConditions: ConditionTable = {
  target: conditionTypes.ready,
  owned: [
    conditionTypes.ready,
    conditionTypes.reconciling,
    conditionTypes.stalled,
    conditionTypes.released,
    conditionTypes.testSuccess,
    conditionTypes.remediated,
    conditionTypes.drifted,
    conditionTypes.planned,
  ],
  summarize: [],
  negativePolarity: [conditionTypes.reconciling, conditionTypes.stalled],
}
