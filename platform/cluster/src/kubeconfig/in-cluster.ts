import type { Clock } from '@sluice/ports'
import type { Connection } from '../https/connection.ts'
import { KubeConfigError } from './kube-config.ts'
import type { Surroundings } from './surroundings.ts'
import { tokenFileCredentials } from './token-file.ts'

const directory = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server of the cluster that this process is a pod of, as its service account.
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 * @throws {KubeConfigError} when the process is not in a pod.
 */
export async function inClusterConnection(options: {
  readonly clock: Clock
  readonly surroundings: Surroundings
}): Promise<Connection> {
  const { surroundings } = options
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = surroundings.env
  if (!host || !port) throw new KubeConfigError('KUBECONFIG_NO_CONTEXT', 'not running in a cluster')
  const read = async (name: string): Promise<string> =>
    new TextDecoder().decode(await surroundings.readFile(`${directory}/${name}`))
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: await read('ca.crt'),
    credentials: tokenFileCredentials(`${directory}/token`, options),
    namespace: (await read('namespace')).trim(),
  }
}
