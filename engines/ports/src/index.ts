/**
 * Interfaces to everything outside of a process, and the shapes that cross every border.
 *
 * @example
 * const tree = memoryFileTree([['kustomization.yaml', 'resources: []']])
 * tree.list('') // ['kustomization.yaml']
 */
export type { Clock } from './clock.ts'
export { type Compression, CompressionError, type GunzipOptions } from './compression.ts'
export {
  type CertificateRequest,
  type Crypto,
  CryptoError,
  type HashAlgorithm,
  type KeyKind,
  type KeyPair,
  noCrypto,
} from './crypto.ts'
export { errorChain, ToolkitError } from './errors.ts'
export { type FileTree, type FileTreeEntry, FileTreeError, joinTreePath } from './file-tree.ts'
export {
  type FollowedResponse,
  type FollowOptions,
  isSameOrigin,
  requestFollowing,
  withoutIdentity,
} from './follow-redirects.ts'
export {
  type Http,
  HttpError,
  type HttpErrorCode,
  type HttpProxy,
  type HttpRequest,
  type HttpResponse,
  type HttpTls,
  readBody,
} from './http.ts'
export type { JsonObject, JsonValue } from './json.ts'
export {
  type Condition,
  formatApiVersion,
  isKubeObject,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
} from './kube-object.ts'
export { type LabelMatcher, LabelSelectorError } from './labels/label-matcher.ts'
export { labelValueProblem, qualifiedNameProblems } from './labels/label-names.ts'
export { hasLabels, type LabelSelector, labelMatcher } from './labels/label-selector.ts'
export { parseLabelSelector } from './labels/parse-label-selector.ts'
export { type LogFields, type Logger, silentLogger } from './logger.ts'
export { compareUtf8, type MemoryFile, memoryFileTree } from './memory-file-tree.ts'
export { type Mount, mountTrees, pickDirectories, subtree } from './mounted-file-tree.ts'
export type { Random } from './random.ts'
