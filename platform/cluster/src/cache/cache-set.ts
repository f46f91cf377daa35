import type { KubeObject } from '@sluice/ports'
import type { Cluster, Resource } from '../cluster.ts'
import type { CacheOptions, WatchCache } from './watch-cache.ts'

/** The caches of a process: one watch a resource and options, started when first asked for. */
export interface CacheSet {
  /** The cluster, with the responses of writes taken into the caches. */
  readonly cluster: Cluster
  cache<T extends KubeObject = KubeObject>(resource: Resource, options?: CacheOptions): WatchCache<T>
}
