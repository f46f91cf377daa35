import type { ProviderClusters, ProviderOptions } from '@sluice/access'
import type { DriftWatch } from '@sluice/applier'
import type { ArtifactFetcher } from '@sluice/artifact'
import type { ChartCache } from '@sluice/chart'
import type { CacheSet, Cluster, RemoteClusters, Resource } from '@sluice/cluster'
import type { Clock, Http } from '@sluice/ports'
import type { ReleaseBehaviour, ReleaseClient, ReleaseTarget } from './releases/release-client.ts'

/** What the helm controller works with. */
export type HelmDeps = {
  /** The manager's caches; reads and writes go through their cluster. */
  readonly caches: CacheSet
  readonly clock: Clock
  readonly fetcher: ArtifactFetcher
  /** Charts that are loaded, shared by all HelmReleases. */
  readonly charts: Pick<ChartCache, 'get' | 'load'>
  /** Helm's actions upon a release. */
  readonly openRelease: (target: ReleaseTarget, behaviour: ReleaseBehaviour) => ReleaseClient
  /** Kinds that may be waited for by an annotation, besides HelmReleases. Default: none. */
  readonly dependencyKinds?: readonly Resource[]
  /** Reaches other clusters. Without it `spec.kubeConfig` is refused. */
  readonly connect?: RemoteClusters
  /** Leads to the clouds that clusters may be of. */
  readonly http?: Http
  /** What the program itself may log in to them with. */
  readonly surroundings?: ProviderOptions['surroundings']
  readonly options?: HelmOptions
}

/** What the controller works with, and what it keeps from run to run. */
export type HelmParts = HelmDeps & {
  readonly providers: ProviderClusters
  readonly drift: DriftWatch
  /** The manager's cluster, with Secrets and ConfigMaps that are remembered. */
  readonly configs: Cluster
}

/** Flags of the controller, under Flux's names and with its defaults. */
export type HelmOptions = {
  /** Pause while a dependency or chart is missing, in milliseconds. Default: `30_000`. */
  readonly requeueDependencyMs?: number
  readonly noCrossNamespaceRefs?: boolean
  /** Whose rights are used where a HelmRelease names nobody. */
  readonly defaultServiceAccount?: string
  /** Whose tokens are shown to clusters of a provider where the ConfigMap names nobody. */
  readonly defaultKubeConfigServiceAccount?: string
  /** Secrets and ConfigMaps with these labels wake what reads them. Default: those that ask for it by the toolkit's label. */
  readonly watchConfigsLabelSelector?: string
  /** Managers whose fields count as drift where the release does not have them. */
  readonly overrideManagers?: readonly string[]
  readonly gates?: HelmGates
}

/** Feature gates that change what a run does. */
export type HelmGates = {
  /** A readyExpr is asked beside the usual conditions, not in their place. Default: `false`. */
  readonly additiveCelDependencyCheck?: boolean
  /** Tokens of ServiceAccounts for clusters that ConfigMaps describe. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean
  /** Charts may come from ExternalArtifacts. Default: `true`. */
  readonly externalArtifact?: boolean
  /** Failures are tried again, not undone, where a HelmRelease names no strategy. Default: `false`. */
  readonly defaultToRetryOnFailure?: boolean
  /** Versions of charts from OCIRepositories stay without the digest. Default: `false`. */
  readonly disableChartDigestTracking?: boolean
  /** What Helm 3 did where a HelmRelease says nothing: apply at the client, wait as before, hooks as they are. Default: `false`. */
  readonly useHelm3Defaults?: boolean
  /** Another run that is asked for ends waiting for objects to be ready. Default: `false`. */
  readonly cancelHealthCheckOnNewRevision?: boolean
  /** Sources are read from the API server each time. Default: `false`. */
  readonly directSourceFetch?: boolean
  /** Secrets and ConfigMaps wake nothing. Default: `false`. */
  readonly disableConfigWatchers?: boolean
}
