/**
 * The source controllers: they bring in what is deployed and serve it as artifacts.
 *
 * @example
 * manager.add(gitRepositoryController({ cluster, store, git: createGitClient({ http }) }))
 */
export { artifactGeneratorController } from './artifact-generator/artifact-generator-controller.ts'
export type { ArtifactGeneratorDeps } from './artifact-generator/generator-work.ts'
export { bucketController } from './bucket/bucket-controller.ts'
export type { BucketDeps } from './bucket/bucket-work.ts'
export { gitRepositoryController } from './git-repository/git-repository-controller.ts'
export type { GitRepositoryDeps } from './git-repository/git-work.ts'
export type { HelmChartDeps } from './helm-chart/chart-work.ts'
export { helmChartController } from './helm-chart/helm-chart-controller.ts'
export {
  type HelmRepositoryDeps,
  helmRepositoryController,
} from './helm-repository/helm-repository-controller.ts'
export { ociRepositoryController } from './oci-repository/oci-repository-controller.ts'
export type { OciRepositoryDeps } from './oci-repository/oci-work.ts'
export type { SourceDeps } from './shared/source-deps.ts'
export {
  type SourceControllers,
  type SourceControllersDeps,
  sourceControllers,
} from './source-controllers.ts'
