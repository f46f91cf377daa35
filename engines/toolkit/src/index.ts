/**
 * The kinds of the toolkit: types, CRDs, conditions, and every name that is part of the wire.
 *
 * @example
 * const repository = decodeGitRepository(JSON.parse(text))
 * const conditions = editConditions(repository.status?.conditions ?? [], () => ({ now, generation: 1 }))
 * conditions.markTrue('Ready', reasons.succeeded, messages.storedArtifact(revision))
 */
export {
  type ConditionEditor,
  editConditions,
} from './conditions/condition-editor.ts'
export {
  type ConditionValue,
  compareConditions,
  findCondition,
  formatTime,
  type Observation,
  removeCondition,
  setCondition,
  sortConditions,
} from './conditions/condition-list.ts'
export { type ConditionTable, summarizeConditions } from './conditions/summary.ts'
export { mergeConditions } from './conditions/three-way.ts'
export { customResourceDefinitions, kindDefinitions, resourceOf } from './crds/catalogue.ts'
export { customResourceDefinition } from './crds/custom-resource-definition.ts'
export { gitRepositoryDefinition } from './crds/git-repository.ts'
export type { KindDefinition, PrinterColumn, VersionDefinition } from './crds/kind-definition.ts'
export { kustomizationDefinition } from './crds/kustomization.ts'
export { checkObject, DecodeError } from './decode.ts'
export { decodeGitRepository, decodeKustomization } from './decode-kinds.ts'
export type {
  GitReference,
  GitRepository,
  GitRepositoryInclude,
  GitRepositorySpec,
  GitRepositoryStatus,
  GitRepositoryVerification,
} from './kinds/git-repository.ts'
export type {
  Decryption,
  Kustomization,
  KustomizationSpec,
  KustomizationStatus,
  PostBuild,
  SubstituteReference,
} from './kinds/kustomization.ts'
export type {
  Artifact,
  CommonMetadata,
  CrossNamespaceReference,
  CustomHealthCheck,
  DependencyReference,
  IgnoreRule,
  KubeConfigReference,
  KustomizeImage,
  KustomizePatch,
  LocalReference,
  ResourceInventory,
  Selector,
  Snapshot,
  SourceStatus,
  StoredMeta,
  ToolkitObject,
  ToolkitStatus,
} from './kinds/toolkit-object.ts'
export { fieldManagers } from './names/field-managers.ts'
export { messages } from './names/messages.ts'
export {
  annotations,
  artifactGeneratorFinalizer,
  disabledValue,
  enabledValue,
  eventKeys,
  finalizer,
  labels,
} from './names/metadata-keys.ts'
export { conditionTypes, reasons, sourceReasons } from './names/reasons.ts'
