/**
 * kustomize build over a file tree: no process, no I/O.
 *
 * @example
 * const { resources } = build(tree, 'overlays/production')
 * printResources(resources) // what `kustomize build overlays/production` prints
 */
export { type BuildResult, BuiltResource, build, printResources } from './build/build.ts'
export type { BuildOptions } from './build/options.ts'
export type { Origin } from './build/origin.ts'
export { KustomizeError, type KustomizeErrorCode } from './errors.ts'
export type { ChartInflater, HelmRequest } from './generate/helm.ts'
export { readKustomizationFields } from './kustomization/kustomization.ts'
export type { HelmChart } from './kustomization/types.ts'
export type { RemoteSource } from './loading/loader.ts'
export { expectResources } from './resource/read-resources.ts'
