import type { CacheSet, Cluster, ObjectKey, Resource, WatchCache } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { Run } from '@sluice/runtime'
import { labels, type ToolkitObject } from '@sluice/toolkit'

/** Secrets and ConfigMaps that wake who refers to them, by default. */
export const defaultConfigSelector: string = `${labels.watch}=Enabled`

/** Contents that are kept, in UTF-16 units. */
const maxLength = 16 * 1024 * 1024

/** Records of Helm's releases are many, and nobody refers to them. */
const notRecords = 'owner!=helm'

/**
 * The manager's cluster, with each version of a Secret or ConfigMap read once: what was read is kept, up to a bound, and
 * answers as long as a watch of versions knows no other one. The content of what nobody refers to is never read.
 *
 * A watch tells of a change a moment later than it happens. Whoever was asked for something reads with
 * {@link configsFor}, which does without.
 *
 * @param selector of those whose changes wake somebody: they have a watch of their own, which may be the faster one
 */
export function rememberedConfigs(
  caches: CacheSet,
  { selector = defaultConfigSelector }: { readonly selector?: string | undefined } = {},
): Cluster {
  const { cluster } = caches
  const contents = boundedContents()
  const versions = new Map<string, VersionWatch>()
  const versionsOf = (resource: Resource): VersionWatch => {
    const known = versions.get(resource.kind) ?? versionWatch(resource, { caches, selector })
    versions.set(resource.kind, known)
    return known
  }
  return {
    ...cluster,
    get: async <T>(...[resource, key, options]: Parameters<Cluster['get']>): Promise<T> => {
      if (!isConfig(resource) || options.metadataOnly) return await cluster.get<T>(resource, key, options)
      const id = `${resource.kind}/${key.namespace}/${key.name}`
      const watch = versionsOf(resource)
      const kept = contents.get(id)
      if (kept && watch.isCurrent(key, kept)) return kept as T
      const object = await cluster.get(resource, key, options)
      contents.set(id, object)
      return object as T
    },
  }
}

/**
 * What a run reads Secrets and ConfigMaps from: who changes one and then asks for a run, or changes the object itself, sees
 * the change.
 */
export function configsFor<T extends ToolkitObject>(
  { requestedAt, object }: Pick<Run<T>, 'requestedAt' | 'object'>,
  { caches, configs }: { readonly caches: CacheSet; readonly configs: Cluster },
): Cluster {
  const isAskedFor =
    requestedAt !== undefined || object.metadata.generation !== object.status?.observedGeneration
  return isAskedFor ? caches.cluster : configs
}

function isConfig({ group, kind }: Resource): boolean {
  return group === '' && (kind === 'Secret' || kind === 'ConfigMap')
}

interface VersionWatch {
  /** Whether no other version of the object has been told of. */
  isCurrent(key: ObjectKey, object: KubeObject): boolean
}

function versionWatch(
  resource: Resource,
  { caches, selector }: { readonly caches: CacheSet; readonly selector: string },
): VersionWatch {
  const all = caches.cache(resource, { labelSelector: notRecords, versionsOnly: true })
  const waking = caches.cache(resource, {
    ...(selector !== '' && { labelSelector: selector }),
    metadataOnly: true,
  })
  return {
    // Without a watch, nothing is known.
    isCurrent: (key, object) =>
      isSame(all, key, object) && (waking.get(key) === undefined || isSame(waking, key, object)),
  }
}

function isSame(cache: WatchCache, key: ObjectKey, { metadata }: KubeObject): boolean {
  return cache.get(key)?.metadata.resourceVersion === metadata.resourceVersion
}

/** Contents by name; what was used longest ago goes first. */
function boundedContents() {
  const kept = new Map<string, { readonly object: KubeObject; readonly length: number }>()
  let held = 0
  const remove = (id: string): void => {
    held -= kept.get(id)?.length ?? 0
    kept.delete(id)
  }
  return {
    get: (id: string): KubeObject | undefined => {
      const entry = kept.get(id)
      if (!entry) return undefined
      kept.delete(id)
      kept.set(id, entry)
      return entry.object
    },
    set: (id: string, object: KubeObject): void => {
      remove(id)
      const length = lengthOf(object)
      if (length > maxLength) return
      kept.set(id, { object, length })
      held += length
      for (const oldest of kept.keys()) {
        if (held <= maxLength) break
        remove(oldest)
      }
    },
  }
}

function lengthOf(object: KubeObject): number {
  const texts = [object['data'], object['binaryData']].flatMap((it) =>
    Object.values((it ?? {}) as Readonly<Record<string, string>>),
  )
  return texts.reduce((sum, text) => sum + text.length, 0)
}
