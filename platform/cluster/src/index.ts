/**
 * Access to a Kubernetes cluster, real or embedded.
 *
 * @example
 * const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
 * await cluster.get(resource, { namespace: 'default', name: 'x' }, { signal })
 */
export { ApiError, type ApiStatus, isApiError } from './api-error.ts'
export { type CacheSet, type CacheSetOptions, createCacheSet } from './cache/cache-set.ts'
export { compareResourceVersions } from './cache/resource-version.ts'
export type { CacheChange, CacheOptions, WatchCache } from './cache/watch-cache.ts'
export { createCluster } from './client/create-cluster.ts'
export { keyOf } from './client/requests.ts'
export type {
  ApplyOptions,
  Cluster,
  DeleteOptions,
  GetOptions,
  List,
  ListOptions,
  ObjectKey,
  Patch,
  PatchOptions,
  Resource,
  WatchOptions,
  WriteOptions,
} from './cluster.ts'
export type { ApiRequest, ApiResponse, ImpersonatedUser, Transport, WatchEvent } from './transport.ts'
