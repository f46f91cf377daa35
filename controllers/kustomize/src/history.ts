import type { Snapshot } from '@sluice/toolkit'

const maxSnapshots = 5

/**
 * The history with one more outcome, newest first: another run with the same build and result is counted with the one
 * before.
 *
 * Source: fluxcd/pkg apis/meta, History.
 */
export function recordSnapshot(
  history: readonly Snapshot[],
  latest: Omit<Snapshot, 'firstReconciled' | 'totalReconciliations'>,
): readonly Snapshot[] {
  const same = history.find(
    ({ digest, lastReconciledStatus }) =>
      digest === latest.digest && lastReconciledStatus === latest.lastReconciledStatus,
  )
  const snapshot: Snapshot = {
    ...latest,
    firstReconciled: same?.firstReconciled ?? latest.lastReconciled,
    totalReconciliations: (same?.totalReconciliations ?? 0) + 1,
  }
  return [snapshot, ...history.filter((item) => item !== same)].slice(0, maxSnapshots)
}
