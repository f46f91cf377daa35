/**
 * The kustomize controller: applies what Kustomizations describe, keeps it applied and removes what is no longer there.
 *
 * @example
 * manager.add(kustomizationController({ caches: manager.caches, clock, fetcher, http, sourceKinds }))
 */
export type { FeatureGates, KustomizeDeps, KustomizeOptions } from './deps.ts'
export { kustomizationController } from './kustomization-controller.ts'
export { readVariables, VariablesError } from './steps/variables.ts'
