import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

const { storageOperationFailed, fetchFailed, includeUnavailable, artifactOutdated } = conditionTypes
const { artifactInStorage, sourceVerified, ready, stalled, reconciling } = conditionTypes

/** Source: fluxcd/source-controller, conditions of GitRepository. */
export const gitRepositoryConditions: ConditionTable = {
  target: ready,
  owned: [
    storageOperationFailed,
    fetchFailed,
    includeUnavailable,
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
    includeUnavailable,
    artifactOutdated,
    artifactInStorage,
    sourceVerified,
    stalled,
    reconciling,
  ],
  negativePolarity: [
    storageOperationFailed,
    fetchFailed,
    includeUnavailable,
    artifactOutdated,
    stalled,
    reconciling,
  ],
  decisiveWhenFalse: [sourceVerified],
}

/** Conditions whose going away is a recovery. */
export const gitRepositoryFailures: readonly string[] = [
  fetchFailed,
  includeUnavailable,
  storageOperationFailed,
]
