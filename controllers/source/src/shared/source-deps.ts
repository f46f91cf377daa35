import type { CloudAccess } from '@sluice/access'
import type { ArtifactStore } from '@sluice/artifact'
import type { Cluster } from '@sluice/cluster'

/** What every source controller works with. */
export type SourceDeps = {
  /** Reads Secrets and other sources. */
  readonly cluster: Cluster
  readonly store: ArtifactStore
  /** Pause before a missing dependency is looked for again. Default: `30_000`. */
  readonly requeueDependencyMs?: number
  /** Logs in to clouds; without it their providers are refused. */
  readonly cloud?: CloudAccess
}

export const defaultRequeueDependencyMs = 30_000
