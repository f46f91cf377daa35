import type { Clock, Http } from '@sluice/ports'
import { createCluster } from '../client/create-cluster.ts'
import type { Cluster } from '../cluster.ts'
import { httpTransport } from '../https/http-transport.ts'
import { type ConnectOptions, connectionFor } from './connect.ts'
import { parseKubeConfig } from './kube-config.ts'

/** Clusters that are kept, with their discovery. */
const remembered = 100

/**
 * Reaches clusters by the text of a kubeconfig, such as a Secret's. What is known of a cluster is kept for the next time;
 * the least recently used goes.
 *
 * @throws {KubeConfigError} from the returned function.
 */
export function remoteClusters(
  options: Omit<ConnectOptions, 'context'> & { readonly http: Http; readonly clock: Clock },
): (kubeconfig: string) => Promise<Cluster> {
  const clusters = new Map<string, Promise<Cluster>>()

  return async (kubeconfig) => {
    const known = clusters.get(kubeconfig)
    const cluster = known ?? connect(kubeconfig)
    clusters.delete(kubeconfig)
    clusters.set(kubeconfig, cluster)
    const [oldest] = clusters.keys()
    if (clusters.size > remembered && oldest !== undefined) clusters.delete(oldest)
    try {
      return await cluster
    } catch (error) {
      clusters.delete(kubeconfig)
      throw error
    }
  }

  async function connect(kubeconfig: string): Promise<Cluster> {
    const connection = await connectionFor(parseKubeConfig(kubeconfig), options)
    return createCluster(httpTransport(connection, options))
  }
}
