import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

const { ready, stalled, reconciling } = conditionTypes

/** Conditions of both kinds: their reconcilers set Ready themselves. */
export const imageConditions: ConditionTable = {
  target: ready,
  owned: [ready, reconciling, stalled],
  summarize: [],
  negativePolarity: [stalled, reconciling],
}
