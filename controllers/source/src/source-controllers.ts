import { createCloudAccess } from '@sluice/access'
import { createArtifactFetcher } from '@sluice/artifact'
import type { CloudSurroundings } from '@sluice/cloud'
import { createGitHubApps, type GitClient } from '@sluice/git'
import type { Clock, Http } from '@sluice/ports'
import type { Manager } from '@sluice/runtime'
import { artifactGeneratorController } from './artifact-generator/artifact-generator-controller.ts'
import { bucketController } from './bucket/bucket-controller.ts'
import { gitRepositoryController } from './git-repository/git-repository-controller.ts'
import { helmChartController } from './helm-chart/helm-chart-controller.ts'
import { helmRepositoryController } from './helm-repository/helm-repository-controller.ts'
import { ociRepositoryController } from './oci-repository/oci-repository-controller.ts'
import type { SourceDeps } from './shared/source-deps.ts'

/** What all source controllers together work with. */
export type SourceControllersDeps = Omit<SourceDeps, 'cloud'> & {
  /** What the program itself may log in to clouds with; without it their providers are refused. */
  readonly surroundings?: CloudSurroundings
  /** Whether objects may log in as ServiceAccounts; a feature gate of Flux. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean
  readonly git: GitClient
  readonly http: Http
  readonly clock: Clock
}

/** All source controllers, as one process runs them. */
export type SourceControllers = { readonly addTo: (manager: Manager) => void }

export function sourceControllers(options: SourceControllersDeps): SourceControllers {
  const { surroundings } = options
  const deps = { ...options, ...(surroundings && { cloud: createCloudAccess({ ...options, surroundings }) }) }
  const gitHubApps = createGitHubApps(deps)
  const { cluster, store } = deps
  const fetcher = createArtifactFetcher(deps)
  return {
    addTo: (manager) => {
      manager.add(gitRepositoryController({ ...deps, gitHubApps }))
      manager.add(ociRepositoryController(deps))
      manager.add(helmRepositoryController(deps))
      manager.add(helmChartController(deps))
      manager.add(bucketController(deps))
      manager.add(artifactGeneratorController({ cluster, store, fetcher }))
    },
  }
}
