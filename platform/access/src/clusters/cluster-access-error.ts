import { ToolkitError } from '@sluice/ports'

/** A cluster that a ConfigMap describes cannot be reached, or no token for it can be had. */
export class ClusterAccessError extends ToolkitError {
  override readonly name = 'ClusterAccessError'

  constructor(message: string, options?: ErrorOptions) {
    super('CLUSTER_ACCESS', message, options)
  }
}

/** Why no token can be shown to a cluster. */
export function noToken(cause: unknown): ClusterAccessError {
  return new ClusterAccessError('failed to get access token for cluster', { cause })
}
