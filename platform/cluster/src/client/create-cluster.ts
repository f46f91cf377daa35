import { isApiError } from '../api-error.ts'
import type { Cluster, List, ListOptions, Resource, WatchOptions } from '../cluster.ts'
import type { ApiRequest, ImpersonatedUser, Transport, WatchEvent } from '../transport.ts'
import { decodePage, type Page, withKind } from './answers.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import {
  applyRequest,
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  patchRequest,
  updateRequest,
  watchRequest,
} from './requests.ts'

/** Objects a page of a list. */
const pageSize = 500

/** A {@link Cluster} over any transport. What is served is remembered until something unknown is asked for. */
export function createCluster(transport: Transport): Cluster {
  return clusterAs(undefined, transport, createDiscovery(transport))
}

function clusterAs(user: ImpersonatedUser | undefined, transport: Transport, discovery: Discovery): Cluster {
  const asUser = (request: ApiRequest): ApiRequest => (user ? { ...request, impersonate: user } : request)
  const send = async <T>(request: ApiRequest, resource: Resource, signal: AbortSignal): Promise<T> => {
    const { body } = await transport.request(asUser(request), { signal })
    return withKind(body, resource) as T
  }
  const page = async (
    resource: Resource,
    options: ListOptions,
    paging: Readonly<Record<string, string>>,
  ): Promise<Page> => {
    const request = asUser(listRequest(resource, options, paging))
    const { body } = await transport.request(request, { signal: options.signal })
    return decodePage(body, resource)
  }

  return {
    resourceFor: (apiVersion, kind, options) => discovery.resourceFor(apiVersion, kind, options),
    resources: (options) => discovery.all(options),
    get: (resource, key, options) => send(getRequest(resource, key, options), resource, options.signal),
    list: <T>(resource: Resource, options: ListOptions) =>
      listAll<T>((paging) => page(resource, options, paging)),
    watch: <T>(resource: Resource, options: WatchOptions) =>
      watchAs<T>(
        transport.watch(asUser(watchRequest(resource, options)), { signal: options.signal }),
        resource,
      ),
    create: (resource, object, options) =>
      send(createRequest(resource, object, options), resource, options.signal),
    update: (resource, object, options) =>
      send(updateRequest(resource, object, options), resource, options.signal),
    patch: (resource, key, options) => send(patchRequest(resource, key, options), resource, options.signal),
    apply: (resource, object, options) =>
      send(applyRequest(resource, object, options), resource, options.signal),
    delete: async (resource, key, options) => {
      await send(deleteRequest(resource, key, options), resource, options.signal)
    },
    impersonate: (other) => clusterAs(other, transport, discovery),
    request: (request, options) => transport.request(asUser(request), options),
  }
}

async function listAll<T>(
  readPage: (paging: Readonly<Record<string, string>>) => Promise<Page>,
): Promise<List<T>> {
  const limit = String(pageSize)
  let items: unknown[] = []
  let page = await readPage({ limit })
  for (;;) {
    // Pushed one by one: a spread of a page that came without limit would overflow the stack.
    for (const item of page.items) items.push(item)
    if (page.continueToken === '') break
    try {
      page = await readPage({ limit, continue: page.continueToken })
    } catch (error) {
      if (!isApiError(error, 'Expired')) throw error
      // The snapshot behind the token is gone: read all in one answer, which cannot expire.
      items = []
      page = await readPage({})
    }
  }
  return { items: items as readonly unknown[] as readonly T[], resourceVersion: page.resourceVersion }
}

async function* watchAs<T>(
  events: AsyncIterable<WatchEvent>,
  resource: Resource,
): AsyncGenerator<WatchEvent<T>> {
  for await (const { type, object } of events) yield { type, object: withKind(object, resource) as T }
}
