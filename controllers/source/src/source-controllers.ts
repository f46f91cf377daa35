import { createCloudAccess } from '@sluice/access'
import type { CloudSurroundings, TokenCacheOptions } from '@sluice/cloud'
import { createGitHubApps, type GitClient } from '@sluice/git'
import type { Clock, Http } from '@sluice/ports'
import type { Manager } from '@sluice/runtime'
import { bucketController } from './bucket/bucket-controller.ts'
import { gitRepositoryController } from './git-repository/git-repository-controller.ts'
import type { HelmChartDeps } from './helm-chart/chart-work.ts'
import { helmChartController } from './helm-chart/helm-chart-controller.ts'
import {
  type HelmRepositoryDeps,
  helmRepositoryController,
} from './helm-repository/helm-repository-controller.ts'
import { ociRepositoryController } from './oci-repository/oci-repository-controller.ts'
import type { SourceDeps } from './shared/source-deps.ts'

/** What all source controllers together work with. */
export type SourceControllersDeps = Omit<SourceDeps, 'cloud'> & {
  /** What the program itself may log in to clouds with; without it their providers are refused. */
  readonly surroundings?: CloudSurroundings
  /** Whether objects may log in as ServiceAccounts; a feature gate of Flux. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean
  /** Who logs in where an object names nobody; needs the feature gate. The program itself when absent. */
  readonly defaultServiceAccount?: string
  /** How tokens of clouds are kept. */
  readonly tokens?: TokenCacheOptions
  readonly git: GitClient
  readonly http: Http
  readonly clock: Clock
} & Pick<HelmRepositoryDeps, 'helmIndexMaxBytes'> &
  Pick<HelmChartDeps, 'helmChartMaxBytes' | 'helmChartFileMaxBytes'>

/** All controllers of Flux's source-controller, as one process runs them. */
export type SourceControllers = { readonly addTo: (manager: Manager) => void }

export function sourceControllers(options: SourceControllersDeps): SourceControllers {
  const { surroundings } = options
  const deps = { ...options, ...(surroundings && { cloud: createCloudAccess({ ...options, surroundings }) }) }
  const gitHubApps = createGitHubApps(deps)
  return {
    addTo: (manager) => {
      manager.add(gitRepositoryController({ ...deps, gitHubApps }))
      manager.add(ociRepositoryController(deps))
      manager.add(helmRepositoryController(deps))
      manager.add(helmChartController(deps))
      manager.add(bucketController(deps))
    },
  }
}
