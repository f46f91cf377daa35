import { ClusterAccessError } from './cluster-access-error.ts'

/**
 * The address of an API server in its one form, `https://host:port`.
 *
 * Source: fluxcd/pkg auth, ParseClusterAddress.
 * @throws {ClusterAccessError}
 */
export function parseClusterAddress(address: string): string {
  const full = address.startsWith('http') ? address : `https://${address}`
  if (!URL.canParse(full)) {
    throw new ClusterAccessError(`failed to parse Kubernetes API server address '${full}'`)
  }
  const { protocol, hostname, port } = new URL(full)
  if (protocol !== 'https:') {
    throw new ClusterAccessError(`the Kubernetes API server address '${full}' must use https scheme`)
  }
  return `https://${hostname}:${port || '443'}`
}
