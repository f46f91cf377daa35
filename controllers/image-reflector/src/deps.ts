import type { CloudAccess } from '@sluice/access'
import type { Cluster } from '@sluice/cluster'
import type { Clock, Http } from '@sluice/ports'
import type { TagStore } from './tags/tag-store.ts'

/** What the image reflector works with. */
export type ImageReflectorDeps = {
  /** The cluster as the manager's caches give it. */
  readonly cluster: Cluster
  readonly clock: Clock
  readonly http: Http
  readonly tags: TagStore
  /** Logs in to the registries of clouds; their providers are refused when absent. */
  readonly cloud?: CloudAccess
  /** Whether objects may log in as ServiceAccounts; a feature gate of Flux. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean
  /** Whether policies may only refer to repositories of their own namespace (`--no-cross-namespace-refs`). Default: no. */
  readonly noCrossNamespaceRefs?: boolean
  /** Pause before tags that are not there yet are looked for again (`--requeue-dependency`). Default: `30_000`. */
  readonly requeueDependencyMs?: number
}
