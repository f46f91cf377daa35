/**
 * Helm charts: loading, values, dependencies, rendering; pure and byte for byte as Helm does it.
 *
 * @example
 * const chart = loadChartDirectory(tree, 'mychart', { compression })
 * const { manifests, notes } = renderChart(chart, { release, values: new Map(), ports })
 */
export type { ActionContext, ActionLog, ActionOptions } from './action/action-context.ts'
export {
  type Action,
  type ActionResult,
  type ApplyMethod,
  type Effect,
  objectsOf,
  type UpdateResult,
} from './action/effects.ts'
export { type InstallOptions, install } from './action/install.ts'
export { owned } from './action/ownership.ts'
export { type RollbackOptions, rollback } from './action/rollback.ts'
export { type TestOptions, testRelease } from './action/test-release.ts'
export { type UninstallOptions, type UninstallResult, uninstall } from './action/uninstall.ts'
export { unlock } from './action/unlock.ts'
export { type UpgradeOptions, upgrade } from './action/upgrade.ts'
export { type ChartCache, type ChartCacheOptions, chartCache } from './cache/chart-cache.ts'
export type { Chart, Dependency, Lock, Maintainer, Metadata } from './chart.ts'
export { enableDependencies } from './dependencies/enabled.ts'
export { ChartError, type ChartErrorCode, ManifestError } from './load/chart-error.ts'
export {
  archiveFiles,
  type ChartFile,
  type ChartLimits,
  defaultChartLimits,
  directoryFiles,
} from './load/chart-files.ts'
export {
  type LoadOptions,
  loadChartArchive,
  loadChartDirectory,
  loadChartFiles,
} from './load/load-chart.ts'
export { loadChartFile, requireArchive } from './load/load-chart-file.ts'
export { decodeMetadata, validateMetadata } from './load/metadata.ts'
export { mergeOver, parseValues } from './load/values-file.ts'
export { filled, lockObject, metadataObject } from './package/metadata-object.ts'
export {
  archiveChart,
  type PackagedChart,
  type PackageOptions,
  packageChart,
  requireDependencies,
} from './package/package-chart.ts'
export { decodeRelease } from './release/decode-release.ts'
export { encodeRelease, releaseObject } from './release/encode-release.ts'
export type { HookRun, Release, ReleaseHook, ReleaseInfo, ReleaseStatus } from './release/release.ts'
export {
  checkLabels,
  mergeLabels,
  type RecordKind,
  type RecordOptions,
  recordName,
  recordOf,
  recordSelector,
  recordType,
  releaseOfRecord,
  revisionsToPrune,
  systemLabels,
} from './release/release-storage.ts'
export {
  type Capabilities,
  defaultCapabilities,
  type KubeVersion,
  parseKubeVersion,
} from './render/capabilities.ts'
export { type CrdFile, crdsOf } from './render/crds.ts'
export { installOrder, type KindOrder, sortByKind, uninstallOrder } from './render/kind-order.ts'
export {
  type Hook,
  type HookEvent,
  hooksFor,
  type Manifest,
  type SortedManifests,
  sortManifests,
  splitManifests,
} from './render/manifests.ts'
export type { PostRender } from './render/post-render.ts'
export { checkReleaseName, type NameFlags, renderedName } from './render/release-name.ts'
export {
  checkInstallable,
  effectiveChart,
  type ReleaseFacts,
  type Rendered,
  type RenderOptions,
  renderChart,
} from './render/render-chart.ts'
export {
  documentText,
  type TemplateDocument,
  type TemplateTextOptions,
  templateDocuments,
  templateText,
} from './render/template-text.ts'
export {
  type ChartIndex,
  normalizeChartIndex,
  type ReadIndexOptions,
  readChartIndex,
  readChartVersions,
} from './repository/chart-index.ts'
export { resolveChartUrl } from './repository/chart-url.ts'
export { chooseChartVersion } from './repository/choose-version.ts'
export type { ChartVersion, IndexedChart, Warn } from './repository/indexed-chart.ts'
export { coalesceValues } from './values/coalesce.ts'
export {
  type MutableValue,
  type MutableValues,
  parseSet,
  SetError,
  type SetMode,
} from './values/set-parser.ts'
export { ValuesError } from './values/tables.ts'
export { type UserValues, userValues } from './values/user-values.ts'
