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
export { alertDefinition } from './crds/alert.ts'
export { artifactGeneratorDefinition } from './crds/artifact-generator.ts'
export { bucketDefinition } from './crds/bucket.ts'
export { customResourceDefinitions, kindDefinitions, resourceOf } from './crds/catalogue.ts'
export { customResourceDefinition } from './crds/custom-resource-definition.ts'
export { externalArtifactDefinition } from './crds/external-artifact.ts'
export { gitRepositoryDefinition } from './crds/git-repository.ts'
export { helmChartDefinition } from './crds/helm-chart.ts'
export { helmReleaseDefinition } from './crds/helm-release.ts'
export { helmRepositoryDefinition } from './crds/helm-repository.ts'
export { imagePolicyDefinition } from './crds/image-policy.ts'
export { imageRepositoryDefinition } from './crds/image-repository.ts'
export { imageUpdateAutomationDefinition } from './crds/image-update-automation.ts'
export type { KindDefinition, PrinterColumn, VersionDefinition } from './crds/kind-definition.ts'
export { kustomizationDefinition } from './crds/kustomization.ts'
export { ociRepositoryDefinition } from './crds/oci-repository.ts'
export { providerDefinition, providerTypes } from './crds/provider.ts'
export { receiverDefinition } from './crds/receiver.ts'
export { DecodeError, type ObjectCheck, objectCheck } from './decode.ts'
export {
  decodeAlert,
  decodeArtifactGenerator,
  decodeBucket,
  decodeExternalArtifact,
  decodeGitRepository,
  decodeHelmChart,
  decodeHelmRelease,
  decodeHelmRepository,
  decodeImagePolicy,
  decodeImageRepository,
  decodeImageUpdateAutomation,
  decodeKustomization,
  decodeOciRepository,
  decodeProvider,
  decodeReceiver,
} from './decode-kinds.ts'
export type {
  ArtifactGenerator,
  ArtifactGeneratorSpec,
  ArtifactGeneratorStatus,
  ExternalArtifact,
  GeneratorArtifact,
  GeneratorCopy,
  GeneratorSource,
} from './kinds/artifacts.ts'
export type { Bucket, BucketSpec, BucketStatus } from './kinds/bucket.ts'
export type {
  GitReference,
  GitRepository,
  GitRepositoryInclude,
  GitRepositorySpec,
  GitRepositoryStatus,
  GitRepositoryVerification,
} from './kinds/git-repository.ts'
export type {
  ActionStrategy,
  CrdsPolicy,
  HelmChartTemplate,
  HelmInstall,
  HelmRelease,
  HelmReleaseSpec,
  HelmReleaseStatus,
  HelmRollback,
  HelmTest,
  HelmUninstall,
  HelmUpgrade,
  PostRenderer,
  ReleaseSnapshot,
  Remediation,
  ServerSideApplyMode,
  ValuesReference,
} from './kinds/helm-release.ts'
export type {
  HelmChart,
  HelmChartSpec,
  HelmChartStatus,
  HelmRepository,
  HelmRepositorySpec,
  ReconcileStrategy,
} from './kinds/helm-sources.ts'
export type {
  AccessFrom,
  ImagePolicy,
  ImagePolicySpec,
  ImagePolicyStatus,
  ImageReference,
  ImageRepository,
  ImageRepositorySpec,
  ImageRepositoryStatus,
  ImageUpdateAutomation,
  ImageUpdateAutomationSpec,
  ImageUpdateAutomationStatus,
  SortOrder,
} from './kinds/images.ts'
export type {
  Decryption,
  Kustomization,
  KustomizationSpec,
  KustomizationStatus,
  PostBuild,
  SubstituteReference,
} from './kinds/kustomization.ts'
export type {
  Alert,
  AlertSpec,
  EventSource,
  OidcProvider,
  Provider,
  ProviderSpec,
  Receiver,
  ReceiverSpec,
} from './kinds/notifications.ts'
export type {
  OciLayerSelector,
  OciRepository,
  OciRepositorySpec,
  OciRepositoryStatus,
  OciVerification,
  RegistryProvider,
} from './kinds/oci-repository.ts'
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
export { versionsWritten } from './kinds/written-in.ts'
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
  ownAnnotations,
} from './names/metadata-keys.ts'
export {
  conditionTypes,
  imageAutomationReasons,
  imageReflectorReasons,
  reasons,
  sourceReasons,
} from './names/reasons.ts'
