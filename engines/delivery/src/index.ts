/**
 * What a reconciler would apply, made from its specification and its sources alone.
 *
 * @example
 * const { objects } = buildKustomization({ tree, directory: 'deploy', spec })
 */
export { DeliveryError, type DeliveryErrorCode } from './delivery-error.ts'
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
