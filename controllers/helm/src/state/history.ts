import type { ReleaseSnapshot } from '@sluice/toolkit'

/** Releases that were made, in any order; what is made here is newest first. */
export type History = readonly ReleaseSnapshot[]

/** Snapshots that are kept where none before them is good. */
const maxSnapshots = 5

/** The newest release. */
export function latestOf(history: History): ReleaseSnapshot | undefined {
  return newestFirst(history)[0]
}

/**
 * The newest release before the latest that came to be deployed, and whose tests did not fail unless that is of no
 * interest: what to roll back to.
 */
export function previousOf(
  history: History,
  { ignoreTests }: { readonly ignoreTests: boolean },
): ReleaseSnapshot | undefined {
  return newestFirst(history)
    .slice(1)
    .find((it) => isGood(it, ignoreTests))
}

/**
 * The history down to the release to roll back to; the newest few when there is none.
 *
 * Source: helm-controller of Flux 2.9, snapshots.
 */
export function trimmed(history: History, { ignoreTests }: { readonly ignoreTests: boolean }): History {
  const sorted = newestFirst(history)
  const previous = sorted.findIndex((it, at) => at > 0 && isGood(it, ignoreTests))
  return previous < 0 ? sorted.slice(0, maxSnapshots) : sorted.slice(0, previous + 1)
}

/** The newest few releases, good or not: where failures are tried again, nothing is rolled back to. */
export function newestOf(history: History): History {
  return newestFirst(history).slice(0, maxSnapshots)
}

/** Whether test results are known. No tests to run is a result. */
export function hasBeenTested({ testHooks }: ReleaseSnapshot): boolean {
  if (!testHooks) return false
  const phases = Object.values(testHooks).map(({ phase }) => phase)
  return phases.includes('Failed') || phases.every((phase) => phase === 'Succeeded')
}

export function hasFailedTest({ testHooks = {} }: ReleaseSnapshot): boolean {
  return Object.values(testHooks).some(({ phase }) => phase === 'Failed')
}

/** `<namespace>/<name>.v<version>`, as messages name a release. */
export function releaseTitle({
  namespace,
  name,
  version,
}: Pick<ReleaseSnapshot, 'namespace' | 'name' | 'version'>): string {
  return `${namespace}/${name}.v${version}`
}

/** `<name>@<version>`, as messages name a chart. */
export function chartTitle({ chartName, chartVersion }: ReleaseSnapshot): string {
  return `${chartName}@${chartVersion}`
}

function newestFirst(history: History): History {
  return history.toSorted((a, b) => b.version - a.version)
}

function isGood(snapshot: ReleaseSnapshot, ignoreTests: boolean): boolean {
  const wasDeployed = snapshot.status === 'deployed' || snapshot.status === 'superseded'
  return wasDeployed && (ignoreTests || !hasFailedTest(snapshot))
}
