/**
 * Access to a Kubernetes cluster, real or embedded.
 *
 * @example
 * const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
 * await cluster.get(resource, { namespace: 'default', name: 'x' }, { signal })
 */
export { ApiError, type ApiStatus, isApiError } from './api-error.ts'
export type { CacheSet } from './cache/cache-set.ts'
export type { CacheChange, CacheOptions, WatchCache } from './cache/watch-cache.ts'
export type { Cluster, DeleteOptions, List, ListOptions, ObjectKey, Patch, Resource } from './cluster.ts'
export type { ApiRequest, ApiResponse, ImpersonatedUser, Transport, WatchEvent } from './transport.ts'
