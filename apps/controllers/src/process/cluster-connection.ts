import {
  type Connection,
  connectionFor,
  inClusterConnection,
  loadKubeConfig,
  type Surroundings,
} from '@sluice/cluster'
import type { Clock } from '@sluice/ports'

/** Which cluster is meant, where it is said. */
export type ClusterChoice = { readonly kubeconfig?: string; readonly context?: string }

/**
 * The cluster that a process works for: that of the kubeconfig or context that was named, of `KUBECONFIG`, the one that it
 * is a pod of, or of `~/.kube/config`.
 *
 * Source: controller-runtime 0.24, pkg/client/config.
 * @throws {KubeConfigError}
 */
export async function clusterConnection(
  { kubeconfig, context }: ClusterChoice,
  options: { readonly clock: Clock; readonly surroundings: Surroundings },
): Promise<Connection> {
  const { env } = options.surroundings
  const isNamed = kubeconfig !== undefined || context !== undefined || Boolean(env['KUBECONFIG'])
  if (!isNamed && env['KUBERNETES_SERVICE_HOST']) return inClusterConnection(options)
  const config = await loadKubeConfig(
    options.surroundings,
    kubeconfig === undefined ? {} : { path: kubeconfig },
  )
  return connectionFor(config, { ...options, trusted: true, ...(context !== undefined && { context }) })
}
