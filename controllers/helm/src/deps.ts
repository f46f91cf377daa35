import type { ArtifactFetcher } from '@sluice/artifact'
import type { CacheSet, RemoteClusters } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'

/** What the helm controller works with. */
export type HelmDeps = {
  /** The manager's caches; reads and writes go through their cluster. */
  readonly caches: CacheSet
  readonly clock: Clock
  readonly fetcher: ArtifactFetcher
  /** Reaches other clusters. Without it `spec.kubeConfig` is refused. */
  readonly connect?: RemoteClusters
  readonly options?: HelmOptions
}

/** Flags of the controller, under Flux's names and with its defaults. */
export type HelmOptions = {
  /** Pause while a dependency or chart is missing, in milliseconds. Default: `30_000`. */
  readonly requeueDependencyMs?: number
  readonly noCrossNamespaceRefs?: boolean
  /** Whose rights are used where a HelmRelease names nobody. */
  readonly defaultServiceAccount?: string
}
