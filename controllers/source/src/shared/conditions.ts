import { type ConditionTable, conditionTypes } from '@sluice/toolkit'

const { storageOperationFailed, fetchFailed, artifactOutdated, artifactInStorage } = conditionTypes
const { sourceVerified, ready, stalled, reconciling } = conditionTypes

/** What sets a kind of source apart from the others. */
export type SourceConditionOptions = {
  /** Failures that only this kind has. */
  readonly failures?: readonly string[]
  /** Whether what is fetched can be verified. */
  readonly verified?: boolean
}

/** Conditions of a kind that stores artifacts. Source: fluxcd/source-controller, conditions of its kinds. */
export function sourceConditions({
  failures = [],
  verified = false,
}: SourceConditionOptions = {}): ConditionTable {
  const negative = [storageOperationFailed, fetchFailed, ...failures, artifactOutdated]
  const positive = verified ? [artifactInStorage, sourceVerified] : [artifactInStorage]
  return {
    target: ready,
    owned: [...negative, ...positive, ready, reconciling, stalled],
    summarize: [...negative, ...positive, stalled, reconciling],
    negativePolarity: [...negative, stalled, reconciling],
    ...(verified && { decisiveWhenFalse: [sourceVerified] }),
  }
}

/** Conditions whose going away is a recovery, for every kind. */
export const sourceFailures: readonly string[] = [fetchFailed, storageOperationFailed]
