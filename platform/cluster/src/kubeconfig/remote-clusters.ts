import type { Clock, Http } from '@sluice/ports'
import { createCluster } from '../client/create-cluster.ts'
import type { Cluster } from '../cluster.ts'
import type { Connection } from '../https/connection.ts'
import { httpTransport } from '../https/http-transport.ts'
import { type ConnectOptions, connectionFor } from './connect.ts'
import { parseKubeConfig } from './kube-config.ts'

/** A cluster that is described by other means than a kubeconfig; connections of one identity are to the same. */
export type DescribedConnection = { readonly identity: string; readonly connection: Connection }

/** Reaches a cluster by the text of a kubeconfig or by its description. @throws {KubeConfigError} */
export type RemoteClusters = (to: string | DescribedConnection) => Promise<Cluster>

/** Clusters that are kept, with their discovery. */
const remembered = 100

/**
 * Reaches clusters by the text of a kubeconfig, such as a Secret's, or by a description. What is known of a cluster is kept
 * for the next time; the least recently used goes.
 *
 * @throws {KubeConfigError} from the returned function.
 */
export function remoteClusters(
  options: Omit<ConnectOptions, 'context'> & { readonly http: Http; readonly clock: Clock },
): RemoteClusters {
  const clusters = new Map<string, Promise<Cluster>>()

  return async (to) => {
    const identity = typeof to === 'string' ? `kubeconfig ${to}` : `described ${to.identity}`
    const known = clusters.get(identity)
    const cluster = known ?? connect(to)
    clusters.delete(identity)
    clusters.set(identity, cluster)
    const [oldest] = clusters.keys()
    if (clusters.size > remembered && oldest !== undefined) clusters.delete(oldest)
    try {
      return await cluster
    } catch (error) {
      clusters.delete(identity)
      throw error
    }
  }

  async function connect(to: string | DescribedConnection): Promise<Cluster> {
    const connection =
      typeof to === 'string' ? await connectionFor(parseKubeConfig(to), options) : to.connection
    return createCluster(httpTransport(connection, options))
  }
}
