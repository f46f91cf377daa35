import type { CloudAccess } from '@sluice/access'
import type { CacheSet } from '@sluice/cluster'
import type { GitClient, GitHubApps } from '@sluice/git'
import type { Clock, Crypto, Random } from '@sluice/ports'

/** What image automation works with. */
export type ImageAutomationDeps = {
  /** The manager's caches; reads and writes go through their cluster. */
  readonly caches: CacheSet
  readonly clock: Clock
  readonly git: GitClient
  /** Without it, GitRepositories with the provider `github` are refused. */
  readonly gitHubApps?: GitHubApps
  /** Without it, those with a cloud's provider are. */
  readonly cloud?: CloudAccess | undefined
  /** For functions of message templates. */
  readonly random: Random
  readonly crypto: Crypto
  readonly options?: ImageAutomationOptions
}

/** Flags of the controller, under Flux's names and with its defaults. */
export type ImageAutomationOptions = {
  readonly noCrossNamespaceRefs?: boolean
}
