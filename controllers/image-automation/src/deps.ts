import type { Cluster } from '@sluice/cluster'
import type { GitClient } from '@sluice/git'
import type { Clock } from '@sluice/ports'

/** What image automation works with. */
export type ImageAutomationDeps = {
  /** The cluster as the manager's caches give it. */
  readonly cluster: Cluster
  readonly clock: Clock
  readonly git: GitClient
}
