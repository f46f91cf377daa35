import type { Release } from '@sluice/chart'
import { type SnapshotFacts, snapshotOf, testHooksOf } from '@sluice/delivery'
import type { HelmTest, ReleaseSnapshot } from '@sluice/toolkit'
import { type History, latestOf } from './history.ts'

/** Records that an action wrote, each as it was written last, by revision. */
export type Written = ReadonlyMap<number, Release>

/**
 * The history after a release was made: the new release first. Of the older ones that were written over, the newest that is
 * known follows its record; it is not of the action that made it any more.
 *
 * Source: helm-controller of Flux 2.9; the history in recorded statuses.
 */
export function afterRelease(history: History, written: Written, facts: SnapshotFacts): History {
  const [newest, ...older] = byRevision(written)
  if (!newest) return history
  const superseded = older.find((release) => history.some((it) => isOf(it, release)))
  const known = history.map((it) => (superseded && isOf(it, superseded) ? renewed(it, superseded, {}) : it))
  return [snapshotOf(newest, facts), ...known]
}

/** The history after a rollback: all that was written is of it, and what was not known comes first. */
export function afterRollback(history: History, written: Written): History {
  const action = 'rollback'
  const made = byRevision(written).filter((release) => !history.some((it) => isOf(it, release)))
  return [
    ...made.map((release) => snapshotOf(release, { action })),
    ...followed(history, written, () => ({ action })),
  ]
}

/** The history after a release was removed; records that were not known stay unknown. */
export function afterUninstall(
  history: History,
  written: Written,
  action: 'uninstall' | 'uninstall-remediation',
): History {
  return followed(history, written, () => ({ action }))
}

/** The history after a record was unlocked. What its tests gave no longer holds. */
export function afterUnlock(history: History, written: Written): History {
  return followed(history, written, ({ action }) => ({ ...(action && { action }) })).map((it, at) => {
    if (it === history[at]) return it
    const { testHooks: _, ...untested } = it
    return untested
  })
}

/** The history after tests of the latest release, as far as the filters choose them. */
export function afterTest(
  history: History,
  written: Written,
  { filters }: Pick<HelmTest, 'filters'>,
): History {
  const latest = latestOf(history)
  const release = latest && written.get(latest.version)
  if (!latest || !release || !isOf(latest, release)) return history
  const { action } = latest
  const tested = {
    ...renewed(latest, release, { ...(action && { action }) }),
    testHooks: testHooksOf(release, filters),
  }
  return history.map((it) => (it === latest ? tested : it))
}

/** Whether a snapshot is of this very revision of a release. */
export function isOf(
  { name, namespace, version }: ReleaseSnapshot,
  release: Pick<Release, 'name' | 'namespace' | 'revision'>,
): boolean {
  return name === release.name && namespace === release.namespace && version === release.revision
}

function byRevision(written: Written): readonly Release[] {
  return [...written.values()].toSorted((a, b) => b.revision - a.revision)
}

function followed(
  history: History,
  written: Written,
  facts: (snapshot: ReleaseSnapshot) => SnapshotFacts,
): History {
  return history.map((snapshot) => {
    const release = written.get(snapshot.version)
    return release && isOf(snapshot, release) ? renewed(snapshot, release, facts(snapshot)) : snapshot
  })
}

/** The snapshot as the record is now; a record does not know of tests and digests of its chart's artifact. */
function renewed(
  { ociDigest, testHooks }: ReleaseSnapshot,
  release: Release,
  facts: SnapshotFacts,
): ReleaseSnapshot {
  const snapshot = snapshotOf(release, { ...facts, ...(ociDigest && { ociDigest }) })
  return testHooks ? { ...snapshot, testHooks } : snapshot
}
