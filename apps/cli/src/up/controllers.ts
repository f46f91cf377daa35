import { createCloudAccess } from '@sluice/access'
import { createArtifactFetcher, createArtifactStore } from '@sluice/artifact'
import { chartCache } from '@sluice/chart'
import type { RemoteClusters } from '@sluice/cluster'
import { createGitClient, createGitHubApps } from '@sluice/git'
import {
  helmReleaseController,
  releaseClients,
  rendererHere,
  rendererInWorkers,
} from '@sluice/helm-controller'
import { hostCompression, nodeCrypto, systemClock, systemRandom, type WorkerPool } from '@sluice/host'
import { imageUpdateAutomationController } from '@sluice/image-automation-controller'
import { imageReflectorControllers, type TagStore } from '@sluice/image-reflector-controller'
import { kustomizationController } from '@sluice/kustomize-controller'
import type { Http } from '@sluice/ports'
import type { Manager } from '@sluice/runtime'
import { type SourceControllersDeps, sourceControllers } from '@sluice/source-controller'
import {
  bucketDefinition,
  externalArtifactDefinition,
  gitRepositoryDefinition,
  helmReleaseDefinition,
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
  /** Where the tags of scanned images are kept. */
  readonly tags: TagStore
  readonly connect: RemoteClusters
  /** Threads that charts are rendered in; they run `renderWorker`. */
  readonly renderers: WorkerPool
  /** What this machine's programs may log in to clouds with; without it their providers are refused. */
  readonly surroundings?: SourceControllersDeps['surroundings']
}

/** Adds all controllers to a manager. */
export function addControllers(
  manager: Manager,
  { http, artifactDirectory, artifactAddress, tags, connect, renderers, surroundings }: ControllerPlaces,
): void {
  const { caches } = manager
  const clock = systemClock
  const git = createGitClient({ http })
  const fetcher = createArtifactFetcher({ http })
  const templatePorts = { clock, random: systemRandom, crypto: nodeCrypto }
  const charts = chartCache({ compression: hostCompression, ports: templatePorts })
  const render = rendererInWorkers(
    renderers,
    rendererHere({ ports: templatePorts, templates: charts.templates }),
  )
  sourceControllers({
    cluster: caches.cluster,
    git,
    http,
    clock,
    ...(surroundings && { surroundings }),
    store: createArtifactStore({
      directory: artifactDirectory,
      advertisedAddress: artifactAddress,
      clock,
    }),
  }).addTo(manager)
  imageReflectorControllers({ cluster: caches.cluster, clock, http, tags, surroundings }).addTo(manager)
  manager.add(
    kustomizationController({
      caches,
      clock,
      fetcher,
      http,
      sourceKinds: [
        gitRepositoryDefinition,
        ociRepositoryDefinition,
        bucketDefinition,
        externalArtifactDefinition,
      ].map(resourceOf),
      dependencyKinds: kindDefinitions.filter((it) => it !== kustomizationDefinition).map(resourceOf),
      connect,
      ...(surroundings && { surroundings }),
    }),
  )
  manager.add(
    helmReleaseController({
      caches,
      clock,
      fetcher,
      charts,
      openRelease: releaseClients({ clock, render, caches }),
      dependencyKinds: kindDefinitions.filter((it) => it !== helmReleaseDefinition).map(resourceOf),
      connect,
      http,
      ...(surroundings && { surroundings }),
    }),
  )
  manager.add(
    imageUpdateAutomationController({
      caches,
      clock,
      git,
      gitHubApps: createGitHubApps({ http, clock }),
      ...(surroundings && {
        cloud: createCloudAccess({ cluster: caches.cluster, http, clock, surroundings }),
      }),
      random: systemRandom,
      crypto: nodeCrypto,
    }),
  )
}
