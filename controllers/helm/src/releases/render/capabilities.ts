import { type Capabilities, defaultCapabilities, parseKubeVersion } from '@sluice/chart'
import type { CacheSet, Cluster, Resource } from '@sluice/cluster'
import { type Clock, formatApiVersion } from '@sluice/ports'
import { isSyncedInTime } from '../synced-in-time.ts'

/** Finds out what templates see of a cluster. */
export interface ClusterCapabilities {
  /** @throws {ApiError} */
  of(target: CapabilityTarget, signal: AbortSignal): Promise<Capabilities>
  /** The cluster serves something else now. */
  forget(target: CapabilityTarget): void
}

/** A cluster, and whether it is another one than the manager's, rather than that with other rights. */
export type CapabilityTarget = { readonly cluster: Cluster; readonly isRemote: boolean }

const definitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/**
 * Asks the manager's own cluster again only when its definitions have changed, whoever releases to it, since what is served
 * is the same for all; other clusters each time: who renders with what a cluster no longer serves does so until something
 * else changes.
 */
export function clusterCapabilities(caches: CacheSet | undefined, clock: Clock): ClusterCapabilities {
  let own: Capabilities | undefined
  let version = 0
  let isWatched = false
  const forget = (): void => {
    own = undefined
    version += 1
  }
  return {
    of: async ({ cluster, isRemote }, signal) => {
      if (!caches || isRemote) return await discover(cluster, signal)
      if (own) return own
      const cache = caches.cache(definitions, { metadataOnly: true })
      if (!isWatched) {
        isWatched = true
        cache.subscribe(forget)
      }
      const isTold = await isSyncedInTime(cache, clock, signal)
      const asked = version
      const found = await discover(caches.cluster, signal)
      if (isTold && asked === version) own = found
      return found
    },
    forget: ({ isRemote }) => {
      if (!isRemote) forget()
    },
  }
}

async function discover(cluster: Cluster, signal: AbortSignal): Promise<Capabilities> {
  const [kubeVersion, resources] = await Promise.all([
    serverVersion(cluster, signal),
    cluster.resources({ signal }),
  ])
  const groupVersions = new Set(resources.map((it) => formatApiVersion(it.group, it.version)))
  const kinds = new Set(resources.map((it) => `${formatApiVersion(it.group, it.version)}/${it.kind}`))
  return { kubeVersion, apiVersions: [...groupVersions, ...kinds] }
}

async function serverVersion(cluster: Cluster, signal: AbortSignal): Promise<Capabilities['kubeVersion']> {
  const { body } = await cluster.request({ method: 'GET', path: '/version' }, { signal })
  const { gitVersion, major, minor } = (body ?? {}) as Readonly<Record<string, unknown>>
  if (typeof gitVersion !== 'string' || gitVersion === '') return defaultCapabilities.kubeVersion
  const parsed = parseKubeVersion(gitVersion)
  return {
    ...parsed,
    ...(typeof major === 'string' && major !== '' && { major }),
    ...(typeof minor === 'string' && minor !== '' && { minor }),
  }
}
