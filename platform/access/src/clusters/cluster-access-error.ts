import { ToolkitError } from '@sluice/ports'

/** A cluster that a ConfigMap describes cannot be reached, or no token for it can be had. */
export class ClusterAccessError extends ToolkitError {
  override readonly name = 'ClusterAccessError'

  constructor(message: string, options?: ErrorOptions) {
    super('CLUSTER_ACCESS', message, options)
  }
}
