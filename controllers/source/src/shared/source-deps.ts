import type { ArtifactStore } from '@sluice/artifact'
import type { Cluster } from '@sluice/cluster'

/** What every source controller works with. */
export type SourceDeps = {
  /** Reads Secrets and other sources. */
  readonly cluster: Cluster
  readonly store: ArtifactStore
  /** Pause before a missing dependency is looked for again. Default: `30_000`. */
  readonly requeueDependencyMs?: number
}

export const defaultRequeueDependencyMs = 30_000
