import { createArtifactFetcher, createArtifactStore } from '@sluice/artifact'
import type { RemoteClusters } from '@sluice/cluster'
import { createGitClient, createGitHubApps } from '@sluice/git'
import { nodeCrypto, systemClock, systemRandom } from '@sluice/host'
import { imageUpdateAutomationController } from '@sluice/image-automation-controller'
import { kustomizationController } from '@sluice/kustomize-controller'
import type { Http } from '@sluice/ports'
import type { Manager } from '@sluice/runtime'
import { sourceControllers } from '@sluice/source-controller'
import {
  bucketDefinition,
  externalArtifactDefinition,
  gitRepositoryDefinition,
  kindDefinitions,
  kustomizationDefinition,
  ociRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'

/** What all controllers of a process share. */
export type ControllerPlaces = {
  readonly http: Http
  /** Where artifacts are kept. */
  readonly artifactDirectory: string
  /** Host and port in artifacts' URLs. */
  readonly artifactAddress: string
  readonly connect: RemoteClusters
}

/** Adds all controllers to a manager. */
export function addControllers(
  manager: Manager,
  { http, artifactDirectory, artifactAddress, connect }: ControllerPlaces,
): void {
  const { caches } = manager
  const clock = systemClock
  const git = createGitClient({ http })
  sourceControllers({
    cluster: caches.cluster,
    git,
    http,
    clock,
    store: createArtifactStore({
      directory: artifactDirectory,
      advertisedAddress: artifactAddress,
      clock,
    }),
  }).addTo(manager)
  manager.add(
    kustomizationController({
      caches,
      clock,
      fetcher: createArtifactFetcher({ http }),
      http,
      sourceKinds: [
        gitRepositoryDefinition,
        ociRepositoryDefinition,
        bucketDefinition,
        externalArtifactDefinition,
      ].map(resourceOf),
      dependencyKinds: kindDefinitions.filter((it) => it !== kustomizationDefinition).map(resourceOf),
      connect,
    }),
  )
  manager.add(
    imageUpdateAutomationController({
      caches,
      clock,
      git,
      gitHubApps: createGitHubApps({ http, clock }),
      random: systemRandom,
      crypto: nodeCrypto,
    }),
  )
}
