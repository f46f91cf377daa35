import type { CloudCall, CloudIdentity, CloudProvider } from '../cloud-call.ts'
import { aksLogin } from './aks.ts'
import { eksLogin } from './eks.ts'
import { gkeLogin } from './gke.ts'

/** Where a cluster's API server is, and the PEM of who signed its certificate. */
export type ClusterEndpoint = { readonly address: string; readonly ca: string }

export type ClusterQuestion = {
  /** The cluster as its cloud names it: an ARN, a resource ID or a resource name. */
  readonly cluster: string
  /** Whether its endpoints are wanted besides a token. */
  readonly describe: boolean
}

/** A token that a managed cluster takes, when it ends in milliseconds since the epoch, and the endpoints if asked for. */
export type ClusterLogin = {
  readonly token: string
  readonly expiresAt: number
  readonly endpoints: readonly ClusterEndpoint[]
}

/**
 * A login to a managed cluster.
 *
 * Source: FEATURES of Flux 2.9, §10; fluxcd/pkg auth.
 * @throws {CloudError}
 */
export function clusterLogin(
  provider: CloudProvider,
  question: ClusterQuestion,
  { identity, call }: { readonly identity: CloudIdentity; readonly call: CloudCall },
): Promise<ClusterLogin> {
  switch (provider) {
    case 'aws':
      return eksLogin(question, identity, call)
    case 'azure':
      return aksLogin(question, identity, call)
    case 'gcp':
      return gkeLogin(question, identity, call)
  }
}
