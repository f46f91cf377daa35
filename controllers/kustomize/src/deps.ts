import type { ProviderClusters, ProviderOptions } from '@sluice/access'
import type { ArtifactFetcher } from '@sluice/artifact'
import type { CacheSet, Cluster, RemoteClusters, Resource } from '@sluice/cluster'
import type { Clock, Http } from '@sluice/ports'

/** What the kustomize controller works with. */
export type KustomizeDeps = {
  /** The manager's caches; reads and writes go through their cluster. */
  readonly caches: CacheSet
  readonly clock: Clock
  readonly fetcher: ArtifactFetcher
  /** Reaches key services for decryption. */
  readonly http: Http
  /** Kinds that may be a source; they are watched, so the cluster has to serve them. */
  readonly sourceKinds: readonly Resource[]
  /** Kinds that may be waited for by an annotation, besides Kustomizations. Default: those that may be a source. */
  readonly dependencyKinds?: readonly Resource[]
  /** Reaches other clusters. Without it `spec.kubeConfig` is refused. */
  readonly connect?: RemoteClusters
  /** What the program itself may log in to clusters of clouds with. */
  readonly surroundings?: ProviderOptions['surroundings']
  readonly options?: KustomizeOptions
}

/** What the controller works with, and what it keeps from run to run. */
export type KustomizeParts = KustomizeDeps & {
  readonly providers: ProviderClusters
  /** The cluster, with Secrets and ConfigMaps that are remembered. */
  readonly configs: Cluster
}

/** Flags of the controller, under Flux's names and with its defaults. */
export type KustomizeOptions = {
  /** Pause while a dependency or artifact is missing, in milliseconds. Default: `30_000`. */
  readonly requeueDependencyMs?: number
  readonly noCrossNamespaceRefs?: boolean
  /** Whose rights are used where a Kustomization names nobody. */
  readonly defaultServiceAccount?: string
  /** Whose tokens are shown to clusters of a provider where the ConfigMap names nobody. */
  readonly defaultKubeConfigServiceAccount?: string
  /** Requests of one apply at the same time. Default: `4`. */
  readonly concurrentSsa?: number
  /** Managers whose fields are taken over besides kubectl's. */
  readonly overrideManagers?: readonly string[]
  /** Kinds of an apply stage of their own, as `group/Kind`. */
  readonly customApplyStageKinds?: readonly string[]
  /** Secret with age identities for Kustomizations that name none. */
  readonly sopsAgeSecret?: { readonly namespace: string; readonly name: string }
  /** Secrets and ConfigMaps with these labels wake what reads them. Default: those that ask for it by the toolkit's label. */
  readonly watchConfigsLabelSelector?: string
  readonly gates?: FeatureGates
}

/** Feature gates that change what a run does. */
export type FeatureGates = {
  /** A variable without value and default fails the build. Default: `true`. */
  readonly strictPostBuildSubstitutions?: boolean
  /** Health checks end with the first failed object. Default: `true`. */
  readonly failFast?: boolean
  /** A new revision ends the health checks of the one before. Default: `false`. */
  readonly cancelHealthCheckOnNewRevision?: boolean
  /** A readyExpr is asked beside the usual conditions, not in their place. Default: `false`. */
  readonly additiveCelDependencyCheck?: boolean
  /** Service accounts of its own for decryption and for remote clusters. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean
  /** ExternalArtifacts may be a source. Default: `true`. */
  readonly externalArtifact?: boolean
  /** Secrets and ConfigMaps wake nothing. Default: `false`. */
  readonly disableConfigWatchers?: boolean
}
