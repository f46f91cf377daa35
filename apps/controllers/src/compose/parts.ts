import {
  type ArtifactFetcher,
  type ArtifactFetcherOptions,
  type ArtifactStore,
  createArtifactFetcher,
} from '@sluice/artifact'
import type { CloudSurroundings, TokenCacheOptions } from '@sluice/cloud'
import type { CacheSet, RemoteClusters } from '@sluice/cluster'
import { createGitClient, type GitClient, type SshAlgorithms } from '@sluice/git'
import type { TagStore } from '@sluice/image-reflector-controller'
import type { Clock, Http } from '@sluice/ports'
import type { FlagValues } from '../flags/flag-values.ts'

/** Places that controllers reach and things that they keep. */
export type ControllerPlaces = {
  /** Leads to sources, registries, clouds. */
  readonly http: Http
  readonly clock: Clock
  /** Where artifacts are kept; needed by controllers that make some. */
  readonly store?: ArtifactStore
  /** Where the tags of scanned images are kept; needed by the image reflector. */
  readonly tags?: TagStore
  /** Reaches clusters of kubeconfigs. */
  readonly connect: RemoteClusters
  /** What this machine's programs may log in to clouds with; without it their providers are refused. */
  readonly surroundings?: CloudSurroundings
  /** The address to use instead of an artifact's own. */
  readonly rewriteUrl?: ArtifactFetcherOptions['rewriteUrl']
  /** Observes tokens of clouds. */
  readonly tokens?: Pick<TokenCacheOptions, 'observer'>
}

/** What controllers of one process share, made when the first of them asks. */
export type SharedParts = ControllerPlaces & {
  readonly caches: CacheSet
  /** Fetches artifacts and keeps what it unpacked. */
  readonly fetcher: () => ArtifactFetcher
  readonly git: (flags: FlagValues) => GitClient
  /** Has something ended when no controller runs any more. */
  readonly onClose: (end: () => Promise<void>) => void
}

export function sharedParts(
  places: ControllerPlaces,
  { caches, onClose }: Pick<SharedParts, 'caches' | 'onClose'>,
): SharedParts {
  const { http, rewriteUrl } = places
  let fetcher: ArtifactFetcher | undefined
  let git: GitClient | undefined
  return {
    ...places,
    caches,
    onClose,
    fetcher: () => {
      fetcher ??= createArtifactFetcher({ http, ...(rewriteUrl && { rewriteUrl }) })
      return fetcher
    },
    // Flags of the same name have the same value in all controllers of a process.
    git: (flags) => {
      git ??= createGitClient({ http, sshAlgorithms: sshAlgorithms(flags) })
      return git
    },
  }
}

/** What the cluster's clouds are reached with by a controller that has the flags for it. */
export function cloudOptions(
  { surroundings, tokens }: ControllerPlaces,
  flags: FlagValues,
): {
  readonly surroundings?: CloudSurroundings
  readonly objectLevelWorkloadIdentity: boolean
  readonly defaultServiceAccount?: string
  readonly tokens: TokenCacheOptions
} {
  const account = flags.text('default-service-account')
  return {
    ...(surroundings && { surroundings }),
    objectLevelWorkloadIdentity: flags.gate('ObjectLevelWorkloadIdentity'),
    ...(account !== '' && { defaultServiceAccount: account }),
    tokens: {
      ...tokens,
      maxTokens: flags.number('token-cache-max-size'),
      maxDurationMs: flags.ms('token-cache-max-duration'),
    },
  }
}

/** Whose rights an applier uses where an object names nobody. */
export function accountsOf(flags: FlagValues): {
  readonly defaultServiceAccount?: string
  readonly defaultKubeConfigServiceAccount?: string
} {
  const impersonated = flags.text('default-service-account')
  const remote = flags.text('default-kubeconfig-service-account')
  return {
    ...(impersonated !== '' && { defaultServiceAccount: impersonated }),
    ...(remote !== '' && { defaultKubeConfigServiceAccount: remote }),
  }
}

/** What the place that a controller cannot do without is, or the mistake of not having given it. */
export function needed<T>(place: T | undefined, what: string): T {
  if (place === undefined) throw new TypeError(`this controller needs ${what}`)
  return place
}

function sshAlgorithms(flags: FlagValues): SshAlgorithms {
  return { keyExchange: flags.list('ssh-kex-algos'), hostKey: flags.list('ssh-hostkey-algos') }
}
