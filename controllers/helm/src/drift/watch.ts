import { type DriftWatch, driftWatch, onlyPlans } from '@sluice/applier'
import { type CacheSet, parseInventoryId } from '@sluice/cluster'
import { fieldManagers, type HelmRelease, helmReleaseDefinition, resourceOf } from '@sluice/toolkit'
import type { Work } from '../work.ts'

/**
 * How long a change waits to be judged. Who edits one object of a release often edits another, and both are put back
 * together.
 */
const settleMs = 5_000

/** Wakes HelmReleases that ask for drift detection when somebody changes an object of theirs. */
export function releaseDriftWatch(caches: CacheSet): DriftWatch {
  const releases = caches.cache<HelmRelease>(resourceOf(helmReleaseDefinition))
  return driftWatch(caches, {
    applier: fieldManagers.helmController,
    group: helmReleaseDefinition.group,
    settleMs,
    looksBack: true,
    concerns: (owner) => {
      const release = releases.get(owner)
      return release !== undefined && !release.spec.suspend && looksForDrift(release)
    },
  })
}

/** Watches the kinds of what the release consists of, where drift is asked for and the cluster is the manager's own. */
export async function followRelease({ run, object, deps }: Work): Promise<void> {
  if (!looksForDrift(object) || object.spec.kubeConfig) return
  const entries = run.status.inventory?.entries ?? []
  const changes = entries.map(({ id, v }) => ({
    id: parseInventoryId(id),
    version: v,
    action: 'unchanged' as const,
  }))
  await deps.drift.follow(changes, { cluster: deps.caches.cluster, signal: run.signal })
}

/** Drift is part of a plan. */
function looksForDrift(object: HelmRelease): boolean {
  const { mode = 'disabled' } = object.spec.driftDetection ?? {}
  return mode !== 'disabled' || onlyPlans(object)
}
