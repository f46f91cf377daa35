import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

const { storageOperationFailed, fetchFailed, artifactOutdated, artifactInStorage } = conditionTypes
const { ready, stalled, reconciling } = conditionTypes

/** Source: fluxcd/source-controller, conditions of Bucket. */
export const bucketConditions: ConditionTable = {
  target: ready,
  owned: [
    storageOperationFailed,
    fetchFailed,
    artifactOutdated,
    artifactInStorage,
    ready,
    reconciling,
    stalled,
  ],
  summarize: [storageOperationFailed, fetchFailed, artifactOutdated, artifactInStorage, stalled, reconciling],
  negativePolarity: [storageOperationFailed, fetchFailed, artifactOutdated, stalled, reconciling],
}

/** Conditions whose going away is a recovery. */
export const bucketFailures: readonly string[] = [fetchFailed, storageOperationFailed]
