import type { Cluster } from '@sluice/cluster'
import { latestOf } from '../state/history.ts'
import type { Work } from '../work.ts'
import { type ReleaseContext, releaseContext } from './release-context.ts'

/** The release that was made last, wherever the HelmRelease would have it now. */
export function currentRelease(work: Work, cluster: Cluster): ReleaseContext {
  const { status } = work.run
  const { name, namespace } = latestOf(status.history ?? []) ?? work.names
  const { storageNamespace = work.names.storageNamespace } = status
  return releaseContext(work, { cluster, name, namespace, storageNamespace })
}
