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
 * Finds what a template looks up: the object, the list where no name is given, or nothing.
 *
 * @throws {ApiError} when the cluster refuses
 */
export async function answerLookup(query: Query, cluster: Cluster, signal: AbortSignal): Promise<unknown> {
  const { apiVersion, kind, namespace, name } = query
  try {
    const resource = await cluster.resourceFor(apiVersion, kind, { signal })
    const scope = resource.namespaced && namespace !== '' ? { namespace } : {}
    if (name !== '') return await cluster.get(resource, { ...scope, name }, { signal })
    return listOf(resource, await cluster.list(resource, { ...scope, signal }))
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'NoKindMatch')) return undefined
    throw error
  }
}

function listOf(
  { group, version, kind }: Resource,
  list: { readonly items: readonly unknown[]; readonly resourceVersion: string },
): unknown {
  return {
    apiVersion: formatApiVersion(group, version),
    kind: `${kind}List`,
    metadata: { resourceVersion: list.resourceVersion },
    items: list.items,
  }
}

/** What was found as templates see it: whole numbers are integers, as the Go client reads JSON; nothing is an empty map. */
export function lookupValue(found: unknown): GoValue {
  return found === undefined ? new Map() : goValueOf(found)
}

function goValueOf(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(goValueOf)
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, goValueOf(item)]))
  }
  if (typeof value === 'bigint') return goInt64(value)
  if (typeof value === 'number') return Number.isInteger(value) ? goInt64(value) : value
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}
