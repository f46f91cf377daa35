import type { Cluster } from '@sluice/cluster'
import type { Clock, Http } from '@sluice/ports'

/** What the image reflector works with. */
export type ImageReflectorDeps = {
  /** The cluster as the manager's caches give it. */
  readonly cluster: Cluster
  readonly clock: Clock
  readonly http: Http
}
