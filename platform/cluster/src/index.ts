/**
 * Access to a Kubernetes cluster, real or embedded.
 *
 * @example
 * const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
 * await cluster.get(resource, { namespace: 'default', name: 'x' }, { signal })
 */
export { ApiError, type ApiStatus, isApiError } from './api-error.ts'
export { isAlreadyApplied } from './apply/already-applied.ts'
export { applyAll, applyStaged } from './apply/apply.ts'
export { ApplyError, type ApplyErrorCode, PartialApplyError } from './apply/apply-error.ts'
export type { ApplyCleanup, ApplyOptions as ApplyAllOptions } from './apply/apply-options.ts'
export {
  type Action,
  type Change,
  type ChangeSet,
  formatChange,
  hasChanged,
  inventoryOf,
} from './apply/change-set.ts'
export { changedPaths } from './apply/changed-paths.ts'
export { deepEqual } from './apply/deep-equal.ts'
export {
  DeleteError,
  type DeleteOptions as DeleteAllOptions,
  deleteAll,
  type Target,
} from './apply/delete.ts'
export { type FollowOptions, followObjects, type Judge, type Seen } from './apply/follow.ts'
export { pointerSegments, pointerText, withPointer } from './apply/json-pointer.ts'
export { compareIds } from './apply/kind-order.ts'
export { type ManagerMatch, takeOverFields } from './apply/managed-fields.ts'
export { type MetadataMatch, matchesMetadata } from './apply/metadata-match.ts'
export {
  formatInventoryId,
  formatObjectId,
  type InventoryEntry,
  InventoryError,
  idOf,
  inventoryDifference,
  type ObjectId,
  parseInventoryId,
} from './apply/object-id.ts'
export { type Preview, type PreviewSet, previewAll, previewApply } from './apply/preview.ts'
export {
  type JudgeHealth,
  WaitError,
  type WaitOptions,
  waitForReady,
  waitForTermination,
} from './apply/wait.ts'
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
export {
  type Connection,
  type CredentialSource,
  type Credentials,
  fixedCredentials,
} from './https/connection.ts'
export { type HttpTransportOptions, httpTransport } from './https/http-transport.ts'
export { type Answered, type Pace, pacedHttp } from './https/paced-http.ts'
export { type ConnectOptions, connectionFor } from './kubeconfig/connect.ts'
export { inClusterConnection } from './kubeconfig/in-cluster.ts'
export { type KubeConfig, KubeConfigError, parseKubeConfig } from './kubeconfig/kube-config.ts'
export { loadKubeConfig } from './kubeconfig/load-kube-config.ts'
export {
  type DescribedConnection,
  type RemoteClusters,
  remoteClusters,
} from './kubeconfig/remote-clusters.ts'
export { nodeSurroundings, type Surroundings } from './kubeconfig/surroundings.ts'
export { mapConcurrently } from './map-concurrently.ts'
export { isMissing, MissingError } from './missing-error.ts'
export type { ApiRequest, ApiResponse, ImpersonatedUser, Transport, WatchEvent } from './transport.ts'
