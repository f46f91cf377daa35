import type { CloudSurroundings } from '@sluice/cloud'
import type { Cluster, CredentialSource } from '@sluice/cluster'
import type { Clock, Http } from '@sluice/ports'
import type { AccountKey } from '../identity/service-account-token.ts'

/** What the clusters of providers are reached with. */
export type ProviderOptions = {
  /** Where the ServiceAccounts are. */
  readonly cluster: Cluster
  readonly clock: Clock
  /** Whose tokens are shown where the ConfigMap names nobody; those of the controller itself when absent. */
  readonly defaultServiceAccount?: string | undefined
  /** Whether tokens of ServiceAccounts may be used; a feature gate of Flux. Default: `false`. */
  readonly objectLevelWorkloadIdentity?: boolean | undefined
  /** Leads to clouds; without it there are none. */
  readonly http?: Http | undefined
  /** What the program itself may log in with; its own token where it runs in a pod. */
  readonly surroundings?: CloudSurroundings | undefined
}

/** What a ConfigMap says of a cluster, and who shows himself to it. */
export type DescribedCluster = {
  readonly provider: string
  /** The cluster as its cloud names it. */
  readonly cluster: string
  readonly address: string
  readonly ca: string
  /** Audiences of the account's tokens, where the ConfigMap names some. */
  readonly audiences: readonly string[]
  readonly account: Account | undefined
}

export type Account = AccountKey & {
  readonly uid: string
  readonly annotations: Readonly<Record<string, string>>
}

/** A cluster that can be talked to. */
export type ReachedCluster = {
  readonly server: string
  readonly ca: string
  readonly credentials: CredentialSource
}
