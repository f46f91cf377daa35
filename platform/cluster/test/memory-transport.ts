import { ApiError, type ApiRequest, type Transport, type WatchEvent } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'

type Stored = KubeObject & { metadata: KubeObject['metadata'] & { resourceVersion: string } }
type LogEntry = { readonly version: number; readonly path: string; readonly event: WatchEvent }

/** What a test may do to the server behind its clients' backs. */
export interface MemoryServer {
  readonly transport: Transport
  /** Requests in order, as `METHOD path?query`. */
  readonly requests: string[]
  /** Operations of JSON patches, which are noted and not done. */
  readonly patches: unknown[]
  /** Stores an object as another client would. */
  put(collection: string, object: KubeObject): Stored
  remove(collection: string, namespace: string, name: string): void
  /** Ends all open watches. */
  endWatches(): void
  /** Watches from before now are refused as too old. */
  forgetHistory(): void
  /** The next requests whose line matches fail with this error. */
  fail(pattern: RegExp, error: ApiError, times?: number): void
}

/**
 * Just enough of an API server to test clients of one: no schemas, no defaulting; apply is merge; a status subresource is
 * taken as a part of the object.
 */
export function memoryServer(
  resources: readonly {
    readonly groupVersion: string
    readonly kind: string
    readonly name: string
    readonly namespaced?: boolean
  }[],
): MemoryServer {
  const objects = new Map<string, Map<string, Stored>>()
  const history: LogEntry[] = []
  const wakers = new Set<() => void>()
  const requests: string[] = []
  const patches: unknown[] = []
  const failures: { pattern: RegExp; error: ApiError; times: number }[] = []
  let version = 1
  let oldest = 0
  let watches = endable()

  const record = (path: string, type: WatchEvent['type'], object: Stored): void => {
    history.push({ version: Number(object.metadata.resourceVersion), path, event: { type, object } })
    for (const wake of wakers) wake()
  }
  const collectionOf = (path: string): Map<string, Stored> => {
    const found = objects.get(path) ?? new Map<string, Stored>()
    objects.set(path, found)
    return found
  }
  const put = (collection: string, object: KubeObject): Stored => {
    const path = withoutNamespace(collection)
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const old = collectionOf(path).get(key)
    version += 1
    const isSpecChanged = JSON.stringify(old?.['spec']) !== JSON.stringify(object['spec'])
    const stored: Stored = {
      ...object,
      metadata: {
        uid: `uid-${version}`,
        ...object.metadata,
        ...(old && { uid: old.metadata.uid ?? '' }),
        resourceVersion: String(version),
        generation: old ? (old.metadata.generation ?? 0) + (isSpecChanged ? 1 : 0) : 1,
      },
    }
    const isGone = stored.metadata.deletionTimestamp && (stored.metadata.finalizers ?? []).length === 0
    if (isGone) {
      collectionOf(path).delete(key)
    } else {
      collectionOf(path).set(key, stored)
    }
    record(path, isGone ? 'DELETED' : old ? 'MODIFIED' : 'ADDED', stored)
    return stored
  }
  const remove = (collection: string, namespace: string, name: string): void => {
    const path = withoutNamespace(collection)
    const old = collectionOf(path).get(`${namespace}/${name}`)
    if (!old) throw notFound(name)
    if ((old.metadata.finalizers ?? []).length > 0) {
      put(collection, { ...old, metadata: { ...old.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })
      return
    }
    version += 1
    collectionOf(path).delete(`${namespace}/${name}`)
    record(path, 'DELETED', { ...old, metadata: { ...old.metadata, resourceVersion: String(version) } })
  }
  const check = (request: ApiRequest): void => {
    const query = new URLSearchParams(request.query).toString()
    const line = `${request.method} ${request.path}${query && `?${query}`}`
    requests.push(line)
    const failure = failures.find((it) => it.times > 0 && it.pattern.test(line))
    if (!failure) return
    failure.times -= 1
    throw failure.error
  }

  const transport: Transport = {
    request: async (request, { signal }) => {
      signal.throwIfAborted()
      check(request)
      return { status: 200, warnings: [], body: answer(request) }
    },
    watch: async function* (request, { signal }) {
      check(request)
      const path = withoutNamespace(request.path)
      let from = Number(request.query?.['resourceVersion'])
      if (from < oldest) {
        throw new ApiError({ code: 410, reason: 'Expired', message: 'too old resource version' })
      }
      const { ended } = watches
      while (!ended.aborted) {
        const news = history.filter((it) => it.version > from && it.path === path)
        for (const { version: reached, event } of news) {
          from = reached
          yield event
        }
        if (ended.aborted) return
        await new Promise<void>((resolve, reject) => {
          const stop = (): void => reject(signal.reason as Error)
          if (signal.aborted) {
            stop()
            return
          }
          signal.addEventListener('abort', stop, { once: true })
          const wake = (): void => {
            wakers.delete(wake)
            signal.removeEventListener('abort', stop)
            resolve()
          }
          wakers.add(wake)
        })
      }
    },
  }

  return {
    transport,
    requests,
    patches,
    put,
    remove,
    endWatches: () => {
      watches.end()
      watches = endable()
      for (const wake of wakers) wake()
    },
    forgetHistory: () => {
      version += 1
      oldest = version
      history.length = 0
    },
    fail: (pattern, error, times = 1) => failures.push({ pattern, error, times }),
  }

  function replace(collection: string, old: Stored | undefined, object: KubeObject): Stored {
    const { resourceVersion = '' } = object.metadata
    if (resourceVersion !== '' && resourceVersion !== old?.metadata.resourceVersion) {
      throw new ApiError({ code: 409, reason: 'Conflict', message: 'the object has been modified' })
    }
    return put(collection, object)
  }

  function answer(request: ApiRequest): unknown {
    const { method, path, query = {}, body } = request
    const discovered = resources.filter((it) => groupPath(it.groupVersion) === path)
    if (discovered.length > 0) {
      return { resources: discovered.map((it) => ({ ...it, namespaced: it.namespaced ?? true })) }
    }
    const known = resources.find((it) =>
      withoutNamespace(path).startsWith(`${groupPath(it.groupVersion)}/${it.name}`),
    )
    if (!known) throw notFound(path)
    const collection = `${groupPath(known.groupVersion)}/${known.name}`
    if (method === 'POST') return create(collection, body as KubeObject)
    if (withoutNamespace(path) === collection) return listOf(collection, namespaceOf(path), query)
    const [name = '', subresource] = withoutNamespace(path)
      .slice(collection.length + 1)
      .split('/')
    const old = collectionOf(collection).get(`${namespaceOf(path) ?? ''}/${name}`)
    if (!old && !request.contentType?.includes('apply')) throw notFound(name)
    if (method === 'GET') return old
    if (method === 'PUT') return replace(collection, old, body as KubeObject)
    if (method === 'PATCH' && Array.isArray(body)) {
      patches.push(...body)
      return old
    }
    if (method === 'PATCH') {
      if (query['dryRun']) return mergePatch(old ?? {}, body)
      return patch(collection, old, body as KubeObject, subresource === 'status')
    }
    remove(collection, namespaceOf(path) ?? '', name)
    return { kind: 'Status', status: 'Success' }
  }

  function create(collection: string, object: KubeObject): Stored {
    const name = object.metadata.name ?? `${object.metadata.generateName}${version}`
    if (collectionOf(collection).has(`${object.metadata.namespace ?? ''}/${name}`)) {
      throw new ApiError({ code: 409, reason: 'AlreadyExists', message: `${name} already exists` })
    }
    return put(collection, { ...object, metadata: { ...object.metadata, name } })
  }

  function patch(collection: string, old: Stored | undefined, body: KubeObject, isStatus: boolean): Stored {
    const expected = body.metadata?.resourceVersion
    if (expected && expected !== old?.metadata.resourceVersion) {
      throw new ApiError({ code: 409, reason: 'Conflict', message: 'the object has been modified' })
    }
    const merged = mergePatch(old ?? {}, body) as KubeObject
    const next = isStatus && old ? { ...old, status: merged['status'] } : merged
    return old && JSON.stringify(next) === JSON.stringify(old) ? old : put(collection, next)
  }

  function listOf(
    collection: string,
    namespace: string | undefined,
    query: Readonly<Record<string, string>>,
  ): unknown {
    const all = [...collectionOf(collection).values()].filter(
      (it) =>
        (namespace === undefined || it.metadata.namespace === namespace) &&
        hasLabels(it, query['labelSelector'] ?? ''),
    )
    const from = Number(query['continue'] ?? 0)
    const to = query['limit'] ? from + Number(query['limit']) : all.length
    return {
      items: all.slice(from, to),
      metadata: { resourceVersion: String(version), ...(to < all.length && { continue: String(to) }) },
    }
  }
}

function endable(): { readonly ended: AbortSignal; end(): void } {
  const controller = new AbortController()
  return { ended: controller.signal, end: () => controller.abort() }
}

function groupPath(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`
}

function withoutNamespace(path: string): string {
  return path.replace(/\/namespaces\/[^/]+(?=\/)/, '')
}

function namespaceOf(path: string): string | undefined {
  return /\/namespaces\/([^/]+)\//.exec(path)?.[1]
}

/** Only equality: `a=b,c=d`. */
function hasLabels({ metadata }: KubeObject, selector: string): boolean {
  return selector.split(',').every((term) => {
    const [key = '', value] = term.split('=')
    return key === '' || metadata.labels?.[key] === value
  })
}

function notFound(name: string): ApiError {
  return new ApiError({ code: 404, reason: 'NotFound', message: `"${name}" not found` })
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const merged: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete merged[key]
    } else {
      merged[key] = mergePatch(merged[key], value)
    }
  }
  return merged
}
