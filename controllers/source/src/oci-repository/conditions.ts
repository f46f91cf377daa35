import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

const { storageOperationFailed, fetchFailed, artifactOutdated, artifactInStorage } = conditionTypes
const { sourceVerified, ready, stalled, reconciling } = conditionTypes

/** Source: fluxcd/source-controller, conditions of OCIRepository. */
export const ociRepositoryConditions: ConditionTable = {
  target: ready,
  owned: [
    storageOperationFailed,
    fetchFailed,
    artifactOutdated,
    artifactInStorage,
    sourceVerified,
    ready,
    reconciling,
    stalled,
  ],
  summarize: [
    storageOperationFailed,
    fetchFailed,
    artifactOutdated,
    artifactInStorage,
    sourceVerified,
    stalled,
    reconciling,
  ],
  negativePolarity: [storageOperationFailed, fetchFailed, artifactOutdated, stalled, reconciling],
  decisiveWhenFalse: [sourceVerified],
}

/** Conditions whose going away is a recovery. */
export const ociRepositoryFailures: readonly string[] = [fetchFailed, storageOperationFailed]
