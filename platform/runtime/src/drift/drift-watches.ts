import type { CacheChange, CacheSet, ObjectKey, Resource } from '@sluice/cluster'
import type { Clock, KubeObject, Logger } from '@sluice/ports'
import { keyText } from '../manager/key-text.ts'
import { fingerprint } from './fingerprint.ts'

export type DriftWatchesOptions = {
  readonly caches: CacheSet
  readonly clock: Clock
  readonly log: Logger
  /** Selects what appliers of this kind have applied, by their ownership labels. */
  readonly labelSelector: string
  /** Who applied the object, by its labels. */
  readonly ownerOf: (object: KubeObject) => ObjectKey | undefined
  /** Has the owner reconciled. */
  readonly enqueue: (owner: ObjectKey) => void
  /** Kinds that are watched at most; objects of others are put back at the interval. Default: `100`. */
  readonly maxKinds?: number
}

/**
 * Wakes the applier of an object as soon as someone else changes or deletes it. Only metadata is watched, and of each
 * object only a number is compared; status does not count, nor do writes of this process.
 */
export interface DriftWatches {
  /** Watches these kinds from now on. Kinds beyond the limit are left to the interval, which is logged once each. */
  cover(resources: Iterable<Resource>): void
  /** How many kinds are watched. */
  readonly kinds: number
}

/** Two managers that undo each other's work wake an owner this often at once, and then at this pace. */
const burst = 6
const refillMs = 10_000

type Allowance = { tokens: number; filledAt: number }

export function createDriftWatches(options: DriftWatchesOptions): DriftWatches {
  const { caches, clock, log, labelSelector, ownerOf, enqueue, maxKinds = 100 } = options
  const covered = new Set<string>()
  const refused = new Set<string>()
  const allowances = new Map<string, Allowance>()

  return {
    get kinds() {
      return covered.size
    },
    cover: (resources) => {
      for (const resource of resources) cover(resource)
    },
  }

  function cover(resource: Resource): void {
    const name = `${resource.plural}.${resource.version}.${resource.group}`
    if (covered.has(name) || refused.has(name)) return
    if (covered.size >= maxKinds) {
      refused.add(name)
      log.info('drift of this kind is only corrected at the interval', { resource: name, maxKinds })
      return
    }
    covered.add(name)
    caches.cache(resource, { labelSelector, metadataOnly: true, keep: keepOwnership }).subscribe(react)
  }

  function react(change: CacheChange<KubeObject>): void {
    if (!isForeign(change)) return
    const owner = ownerOf(change.before)
    if (!owner || !takeToken(keyText(owner))) return
    log.debug('object was changed by another', {
      object: `${change.before.kind}/${change.before.metadata.namespace ?? ''}/${change.before.metadata.name ?? ''}`,
    })
    enqueue(owner)
  }

  function takeToken(owner: string): boolean {
    const now = clock.now()
    const allowance = allowances.get(owner) ?? { tokens: burst, filledAt: now }
    allowance.tokens = Math.min(burst, allowance.tokens + (now - allowance.filledAt) / refillMs)
    allowance.filledAt = now
    allowances.set(owner, allowance)
    if (allowance.tokens < 1) return false
    allowance.tokens -= 1
    return true
  }
}

type ForeignChange = CacheChange<KubeObject> & { readonly before: KubeObject }

/** Whether someone else deleted the object or changed what is owned of it. What is new was made by its applier. */
function isForeign(change: CacheChange<KubeObject>): change is ForeignChange {
  const { before, after, origin } = change
  if (origin === 'write' || !before) return false
  if (!after) return before.metadata.deletionTimestamp === undefined
  if (before.metadata.uid !== after.metadata.uid) return true
  const isDying = after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp
  return isDying || before['ownership'] !== after['ownership']
}

/** A tenth of the metadata: who owns what of the object is but a number. */
function keepOwnership(object: KubeObject): KubeObject {
  const { managedFields: _, annotations: __, ownerReferences: ___, ...metadata } = object.metadata
  const { apiVersion, kind } = object
  return { apiVersion, kind, metadata, ownership: fingerprint(object) }
}
