import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { type GoValue, goInt64 } from '@sluice/go'
import { formatApiVersion } from '@sluice/ports'

/** A query of a template. */
export type Query = {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * Answers `lookup`: the object, the list where no name is given, or an empty map for what is not there.
 *
 * @throws {ApiError} when the cluster refuses
 */
export async function answerLookup(query: Query, cluster: Cluster, signal: AbortSignal): Promise<GoValue> {
  const { apiVersion, kind, namespace, name } = query
  try {
    const resource = await cluster.resourceFor(apiVersion, kind, { signal })
    const scope = resource.namespaced && namespace !== '' ? { namespace } : {}
    if (name !== '') return goValueOf(await cluster.get(resource, { ...scope, name }, { signal }))
    return listValue(resource, await cluster.list(resource, { ...scope, signal }))
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'NoKindMatch')) return new Map()
    throw error
  }
}

function listValue(
  { group, version, kind }: Resource,
  list: { readonly items: readonly unknown[]; readonly resourceVersion: string },
): GoValue {
  return goValueOf({
    apiVersion: formatApiVersion(group, version),
    kind: `${kind}List`,
    metadata: { resourceVersion: list.resourceVersion },
    items: list.items,
  })
}

/** A value of JSON as the Go client reads it: whole numbers are integers. */
function goValueOf(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(goValueOf)
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, goValueOf(item)]))
  }
  if (typeof value === 'bigint') return goInt64(value)
  if (typeof value === 'number') return Number.isInteger(value) ? goInt64(value) : value
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}
