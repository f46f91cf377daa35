import { parseApiVersion } from '@sluice/ports'
import { ApiError, isApiError } from '../api-error.ts'
import type { Resource } from '../cluster.ts'
import { mapConcurrently } from '../map-concurrently.ts'
import type { Transport } from '../transport.ts'
import { accept, aggregatedResources, isAggregated } from './aggregated-discovery.ts'
import { isRecord } from './answers.ts'
import { groupVersionPath } from './paths.ts'

type Call = { readonly signal: AbortSignal }

/** What the API server serves, remembered by group and version. */
export interface Discovery {
  /** @throws {ApiError} reason `NoKindMatch` when there is no such kind even after asking again. */
  resourceFor(apiVersion: string, kind: string, options: Call): Promise<Resource>
  /** Everything that is served, in the server's order. Always asks: twice, or older servers for each group and version. */
  all(options: Call): Promise<readonly Resource[]>
}

/** Requests at the same time when everything is asked for of an older server. */
const atOnce = 8

export function createDiscovery(transport: Transport): Discovery {
  const known = new Map<string, readonly Resource[]>()
  const loading = new Map<string, Promise<readonly Resource[]>>()

  return {
    resourceFor: async (apiVersion, kind, options) => {
      const find = (resources: readonly Resource[] = []): Resource | undefined =>
        resources.find((it) => it.kind === kind)
      const found = find(known.get(apiVersion)) ?? find(await loadOnce(apiVersion, options))
      if (found) return found
      throw new ApiError({
        code: 404,
        reason: 'NoKindMatch',
        message: `no matches for kind "${kind}" in version "${apiVersion}"`,
      })
    },
    all: async (options) => {
      const [core, groups] = await Promise.all([
        transport.request({ method: 'GET', path: '/api', accept }, options),
        transport.request({ method: 'GET', path: '/apis', accept }, options),
      ])
      if (isAggregated(core.body) && isAggregated(groups.body)) {
        return [...aggregatedResources(core.body), ...aggregatedResources(groups.body)].flatMap(
          ({ apiVersion, resources }) => {
            known.set(apiVersion, resources)
            return resources
          },
        )
      }
      const apiVersions = apiVersionsOf(core.body, groups.body)
      const loaded = await mapConcurrently(apiVersions, atOnce, (it) => loadOnce(it, options))
      return loaded.flat()
    },
  }

  /** Calls at the same time share one request; it ends with the first caller's signal. */
  function loadOnce(apiVersion: string, options: Call): Promise<readonly Resource[]> {
    const running = loading.get(apiVersion)
    if (running) return running
    const load = loadResources(transport, apiVersion, options)
      .then((resources) => {
        known.set(apiVersion, resources)
        return resources
      })
      .finally(() => loading.delete(apiVersion))
    loading.set(apiVersion, load)
    return load
  }
}

async function loadResources(
  transport: Transport,
  apiVersion: string,
  options: Call,
): Promise<readonly Resource[]> {
  const { group, version } = parseApiVersion(apiVersion)
  try {
    const { body } = await transport.request(
      { method: 'GET', path: groupVersionPath(group, version) },
      options,
    )
    return listOf(body, 'resources').flatMap((it) => decodeResource(it, { group, version }))
  } catch (error) {
    if (isApiError(error, 'NotFound')) return []
    throw error
  }
}

function apiVersionsOf(core: unknown, groups: unknown): readonly string[] {
  const coreVersions = listOf(core, 'versions').filter((it) => typeof it === 'string')
  const others = listOf(groups, 'groups').flatMap((group) =>
    listOf(group, 'versions').flatMap((it) => textField(it, 'groupVersion')),
  )
  return [...coreVersions, ...others]
}

function decodeResource(
  value: unknown,
  { group, version }: { readonly group: string; readonly version: string },
): readonly Resource[] {
  const [plural] = textField(value, 'name')
  const [kind] = textField(value, 'kind')
  // Subresources are listed as `pods/log`; some answer with another kind in another group.
  if (plural === undefined || kind === undefined || plural.includes('/')) return []
  const namespaced = isRecord(value) && value['namespaced'] === true
  return [{ group, version, kind, plural, namespaced }]
}

function listOf(value: unknown, field: string): readonly unknown[] {
  const list = isRecord(value) ? value[field] : undefined
  return Array.isArray(list) ? list : []
}

function textField(value: unknown, field: string): readonly string[] {
  const text = isRecord(value) ? value[field] : undefined
  return typeof text === 'string' ? [text] : []
}
