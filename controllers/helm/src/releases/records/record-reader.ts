import { type Release, recordSelector, releaseOfRecord } from '@sluice/chart'
import {
  ApiError,
  type CacheSet,
  type Cluster,
  compareResourceVersions,
  isApiError,
  type Resource,
  type WatchCache,
} from '@sluice/cluster'
import { hostCompression as compression } from '@sluice/host'
import { type Clock, type KubeObject, ToolkitError } from '@sluice/ports'
import { isSyncedInTime } from '../synced-in-time.ts'

/** Where the records of a release are. */
export type RecordPlace = {
  readonly cluster: Cluster
  /** Of the records. */
  readonly namespace: string
  /** Of the release. */
  readonly name: string
}

/** A revision with the object that holds it. */
export type HeldRelease = { readonly release: Release; readonly object: KubeObject }

/** Reads records: from a cache where the cluster is the manager's own, with this process' writes taken into account. */
export interface RecordReader {
  /** The revisions of a release, the oldest first. @throws {ChartError} `CHART_RECORD` {@link RecordQueryError} */
  read(place: RecordPlace, signal: AbortSignal): Promise<readonly HeldRelease[]>
  /** A record as this process has just written it. */
  noteWrite(place: RecordPlace, object: KubeObject): void
  /** This process has removed the record. */
  noteRemoval(place: RecordPlace, name: string): void
}

/** Records cannot be listed. */
export class RecordQueryError extends ToolkitError {
  override readonly name = 'RecordQueryError'

  constructor(options: ErrorOptions) {
    super('RELEASE_RECORD_QUERY', 'query: failed to query with labels', options)
  }
}

export const secrets: Resource = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
}

const byRelease = 'release'
const ownedByHelm = 'owner=helm'

/** Decoded records that are kept, by the length of what they were decoded from. */
const maxDecodedLength = 16 * 1024 * 1024

export function recordReader(caches: CacheSet | undefined, clock: Clock): RecordReader {
  const decode = decoder()
  const cache = caches && lazily(() => recordCache(caches, clock))
  return {
    read: async (place, signal) => {
      const isOwn = caches !== undefined && place.cluster === caches.cluster
      const cached = cache && isOwn ? await cache().list(place, signal) : undefined
      const objects = cached ?? (await list(place, signal))
      return objects
        .map((object) => ({ object, release: decode(object) }))
        .toSorted((a, b) => a.release.revision - b.release.revision)
    },
    noteWrite: (place, object) => {
      if (cache && place.cluster === caches?.cluster) cache().noteWrite(object)
    },
    noteRemoval: (place, name) => {
      if (cache && place.cluster === caches?.cluster) cache().noteRemoval(place.namespace, name)
    },
  }
}

async function list(
  { cluster, namespace, name }: RecordPlace,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const labelSelector = Object.entries(recordSelector(name))
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  try {
    return (await cluster.list(secrets, { namespace, labelSelector, signal })).items
  } catch (error) {
    if (isApiError(error, 'NotFound')) return []
    throw error instanceof ApiError ? new RecordQueryError({ cause: error }) : error
  }
}

interface RecordCache {
  /** Nothing when it may not be filled, or is of another namespace. */
  list(place: RecordPlace, signal: AbortSignal): Promise<readonly KubeObject[] | undefined>
  noteWrite(object: KubeObject): void
  noteRemoval(namespace: string, name: string): void
}

/** What this process wrote and the watch has not told yet; without an object it is gone. */
type Write = { readonly object?: KubeObject; readonly replaced?: string | undefined }

function recordCache(caches: CacheSet, clock: Clock): RecordCache {
  const cache: WatchCache = caches.cache(secrets, { labelSelector: ownedByHelm })
  cache.addIndex(byRelease, (object) => [releaseKey(object)])
  const writes = new Map<string, Write>()
  cache.subscribe(({ before, after }) => {
    const key = objectKey(after ?? before)
    const write = writes.get(key)
    if (write && hasCaughtUp(write, after)) writes.delete(key)
  })
  return {
    list: async ({ namespace, name }, signal) => {
      if (cache.namespace !== undefined && cache.namespace !== namespace) return undefined
      if (!(await isSyncedInTime(cache, clock, signal))) return undefined
      const wanted = `${namespace}/${name}`
      const found = new Map(cache.byIndex(byRelease, wanted).map((it) => [objectKey(it), it]))
      for (const [key, { object }] of writes) {
        if (!object) found.delete(key)
        else if (releaseKey(object) === wanted && isNewer(object, found.get(key))) found.set(key, object)
      }
      return [...found.values()]
    },
    noteWrite: (object) => {
      const key = objectKey(object)
      const { namespace = '', name = '' } = object.metadata
      if (isNewer(object, cache.get({ namespace, name }))) writes.set(key, { object })
    },
    noteRemoval: (namespace, name) => {
      const key = `${namespace}/${name}`
      const last = writes.get(key)?.object ?? cache.get({ namespace, name })
      if (last) writes.set(key, { replaced: last.metadata.uid })
    },
  }
}

/** Whether the cache knows as much as this process does. */
function hasCaughtUp({ object, replaced }: Write, cached: KubeObject | undefined): boolean {
  if (object) return !cached || !isNewer(object, cached)
  return cached?.metadata.uid !== replaced
}

function isNewer(object: KubeObject, other: KubeObject | undefined): boolean {
  if (!other) return true
  return (
    compareResourceVersions(object.metadata.resourceVersion ?? '', other.metadata.resourceVersion ?? '') > 0
  )
}

function objectKey(object: KubeObject | undefined): string {
  return `${object?.metadata.namespace ?? ''}/${object?.metadata.name ?? ''}`
}

function releaseKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.['name'] ?? ''}`
}

/** Decodes each version of a record once, as long as it is asked for now and then. */
function decoder(): (object: KubeObject) => Release {
  const known = new Map<string, { readonly release: Release; readonly length: number }>()
  let held = 0
  return (object) => {
    const { uid = '', resourceVersion = '' } = object.metadata
    const key = `${uid}/${resourceVersion}`
    const entry = known.get(key) ?? {
      release: releaseOfRecord(object, { compression }),
      length: lengthOf(object),
    }
    if (known.delete(key)) held -= entry.length
    if (uid === '' || entry.length > maxDecodedLength) return entry.release
    known.set(key, entry)
    held += entry.length
    for (const [oldest, { length }] of known) {
      if (held <= maxDecodedLength) break
      known.delete(oldest)
      held -= length
    }
    return entry.release
  }
}

function lengthOf({ data }: KubeObject): number {
  const record = (data as Readonly<Record<string, unknown>> | undefined)?.['release']
  return typeof record === 'string' ? record.length : 0
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
