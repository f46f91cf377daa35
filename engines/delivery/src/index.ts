/**
 * What a reconciler would apply, made from its specification and its sources alone.
 *
 * @example
 * const { objects } = buildKustomization({ tree, directory: 'deploy', spec })
 */
export { DeliveryError, type DeliveryErrorCode } from './delivery-error.ts'
export { buildHelmRelease, type HelmReleaseInput } from './helm-release/build-release.ts'
export { composeValues, type ValuesInput, type ValuesSource } from './helm-release/compose-values.ts'
export { commonMetadataDigest, postRenderersDigest, valuesDigest } from './helm-release/digests.ts'
export { helmChartFor } from './helm-release/helm-chart.ts'
export {
  type ObjectsTransform,
  type PostRendered,
  postRendered,
  postRenderer,
} from './helm-release/post-render.ts'
export { type ReleaseNames, releaseNames } from './helm-release/release-names.ts'
export {
  isSnapshotOf,
  releaseDigest,
  type SnapshotFacts,
  snapshotOf,
  snapshotVersion,
  testHooksOf,
} from './helm-release/snapshot.ts'
export { ValuesReferenceError } from './helm-release/values-error.ts'
export {
  type BuiltKustomization,
  buildKustomization,
  type KustomizationInput,
} from './kustomization/build.ts'
export { type ChartInflaterOptions, chartInflater } from './kustomization/chart-inflater.ts'
export { type Decrypter, isEncryptedObject, type SopsFormat } from './kustomization/decryption.ts'
export { mergeVariables, type VariableSource } from './kustomization/variables.ts'
export { normalizeObject } from './objects/normalize.ts'
export { ownerLabels, withCommonMetadata, withLabels } from './objects/owned-metadata.ts'
