import { type Cluster, isApiError } from '@sluice/cluster'
import { mergeVariables, type VariableSource } from '@sluice/delivery'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import type { Kustomization, SubstituteReference } from '@sluice/toolkit'

/** Variables could not be read. */
export class VariablesError extends ToolkitError {
  override readonly name = 'VariablesError'

  constructor(message: string, options?: ErrorOptions) {
    super('VARIABLES_UNAVAILABLE', message, options)
  }
}

/**
 * The variables of a Kustomization, from ConfigMaps and Secrets of its own namespace and from its own specification.
 *
 * @throws {VariablesError}
 */
export async function readVariables(
  object: Kustomization,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const { substituteFrom = [], substitute } = object.spec.postBuild ?? {}
  const sources: VariableSource[] = []
  for (const reference of substituteFrom) {
    // In order, since the first that is missing is the one to be named.
    const source = await readSource(reference, object.metadata.namespace ?? '', { cluster, signal })
    if (source) sources.push(source)
  }
  return mergeVariables(sources, substitute)
}

async function readSource(
  { kind, name, optional = false }: SubstituteReference,
  namespace: string,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<VariableSource | undefined> {
  try {
    const resource = await cluster.resourceFor('v1', kind, { signal })
    const { data } = await cluster.get<KubeObject & { readonly data?: VariableSource }>(
      resource,
      { namespace, name },
      { signal },
    )
    return kind === 'Secret' ? decoded(data ?? {}) : (data ?? {})
  } catch (cause) {
    if (optional && isApiError(cause, 'NotFound')) return undefined
    throw new VariablesError(`substitute from '${kind}/${name}' error`, { cause })
  }
}

function decoded(data: VariableSource): VariableSource {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}
