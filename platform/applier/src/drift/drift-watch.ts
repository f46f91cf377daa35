import {
  type CacheChange,
  type CacheSet,
  type ChangeSet,
  type Cluster,
  formatObjectId,
  idOf,
  type ManagerMatch,
  type ObjectKey,
  type Resource,
} from '@sluice/cluster'
import { formatApiVersion, type KubeObject, parseApiVersion } from '@sluice/ports'
import type { ReconcilerContext } from '@sluice/runtime'
import { asksForAction, changedFields, onlyInstructionsChanged } from './changed-fields.ts'
import { type SettledStates, settledStates } from './settled-states.ts'
import { settlingChanges } from './settling-changes.ts'
import { versionLedger } from './version-ledger.ts'

/** Drift that was seen and is not put back yet: the objects, and what happened to them. */
export type SeenDrift = ReadonlyMap<string, string>

/**
 * Watches what the objects of a kind have applied, as metadata alone, and wakes the owner of an object that somebody else
 * changed or deleted.
 */
export interface DriftWatch {
  /** Begins to wake owners. Until then only versions are noted. */
  start(context: ReconcilerContext): void
  /** Notes that the object is as wanted in this version. */
  note(object: KubeObject): void
  /** Notes that the object with this uid is deleted on purpose. */
  noteRemoval(uid: string): void
  /** Watches the kinds of what was applied. */
  follow(
    changes: ChangeSet,
    options: { readonly cluster: Cluster; readonly signal: AbortSignal },
  ): Promise<void>
  /** Drift seen since the owner was last asked about. */
  take(owner: ObjectKey): SeenDrift
  /** Whether any change of these objects would be seen from now on. */
  sees(objects: readonly KubeObject[]): boolean
  /** What needs no look since nobody changed it; see {@link SettledStates}. Owners as `namespace/name`. */
  readonly settled: SettledStates
}

export type DriftWatchOptions = {
  /** Field manager of what is applied. */
  readonly applier: string
  /** Group of the owners; their names are in the labels `<group>/name` and `<group>/namespace`. */
  readonly group: string
  /** Managers whose fields are taken over by applying. Default: none. */
  readonly takenOver?: readonly ManagerMatch[]
  /**
   * How long it has to be quiet around an owner's objects before changes are judged, in milliseconds. What is put back
   * meanwhile is no drift.
   */
  readonly settleMs: number
  /** Whether what changed before a watch began wakes its owner too; a changed status is taken for it. Default: `false`. */
  readonly looksBack?: boolean
  /** Whether an owner wants to be woken. Default: every one does. */
  readonly concerns?: (owner: OwnerKey) => boolean
}

/** Who has applied an object. */
export type OwnerKey = ObjectKey & { readonly namespace: string }

/** Kinds that are watched at most; drift of others is found at the interval. */
const maxKinds = 200

export function driftWatch(caches: CacheSet, options: DriftWatchOptions): DriftWatch {
  const { applier, group, settleMs, takenOver = [], looksBack = false, concerns = () => true } = options
  const { ownerOf, ownerText } = ownersIn(group)
  const followed = new Set<string>()
  const filled = filledKinds()
  const settled = settledStates()
  const versions = versionLedger()
  const seen = seenDrifts()
  const settling = settlingChanges(settleMs)
  let context: ReconcilerContext | undefined

  const watch = (resource: Resource) => {
    const identity = `${resource.group}/${resource.kind}`
    if (followed.has(identity)) return
    if (followed.size >= maxKinds) return tellOfTooMany(context, resource)
    followed.add(identity)
    const identified = identifierOf(resource)
    const cache = caches.cache(resource, { labelSelector: `${group}/name`, metadataOnly: true })
    cache.subscribe(({ before, after, origin }) => {
      if (!before) return
      // Whether the answer of the write comes first or the watch tells of it is a matter of luck.
      forgetFormerOwner(before, after)
      if (origin === 'write') return
      consider({ before: identified(before), ...(after ? { after: identified(after) } : {}) })
    })
    context?.tasks.run('drift', async (signal) => {
      await cache.synced(signal)
      filled.add(identity, cache.namespace)
      if (looksBack) for (const object of cache.list()) catchUp(object)
    })
  }

  /** One Kustomization took over an object of another. */
  const forgetFormerOwner = (before: KubeObject, after: KubeObject | undefined) => {
    const former = ownerText(before)
    if (former !== undefined && after && ownerText(after) !== former) settled.forget(former)
  }

  /** Between what was noted and the first list nobody was watching. */
  const catchUp = (object: KubeObject) => {
    const owner = ownerOf(object)
    if (owner && versions.outdates(object) && concerns(owner)) context?.enqueue(owner)
  }

  const consider = (change: CacheChange<KubeObject>) => {
    const started = context
    const object = change.after ?? change.before
    if (!started || !object) return
    const judgeAll = (changes: readonly CacheChange<KubeObject>[]) => {
      for (const due of changes) judge(due, started)
    }
    settling.add(ownerText(object) ?? '', change, { started, judgeAll })
  }

  const judge = ({ before, after }: CacheChange<KubeObject>, started: ReconcilerContext) => {
    if (!before || isExpected(before, after)) return
    for (const text of new Set([ownerText(before), after && ownerText(after)])) {
      if (text !== undefined) settled.forget(text)
    }
    if (after && onlyInstructionsChanged(before, after, group)) return
    const owner = ownerOf(after ?? before)
    if (!owner || !concerns(owner)) return
    const how = after ? changedFields(before, after, applier) : 'deleted'
    seen.add(owner, formatObjectId(idOf(before)), how)
    started.enqueue(owner)
  }

  const isExpected = (before: KubeObject, after: KubeObject | undefined) =>
    after
      ? versions.covers(after) || !asksForAction(before, after, { applier, takenOver, group })
      : versions.isRemoved(before)

  return {
    settled,
    sees: (objects) => objects.every(filled.holds),
    start: (started) => {
      context = started
    },
    note: (object) => versions.note(object),
    noteRemoval: (uid) => versions.noteRemoval(uid),
    follow: async (changes, { cluster, signal }) => {
      for (const [identity, [apiVersion, kind]] of kindsOf(changes)) {
        // Discovery is cached; a kind is looked up once.
        if (!followed.has(identity)) watch(await cluster.resourceFor(apiVersion, kind, { signal }))
      }
    },
    take: seen.take,
  }
}

function tellOfTooMany(context: ReconcilerContext | undefined, { kind }: Resource): void {
  context?.log.info('too many kinds to watch for drift; left to the interval', { kind })
}

/** Gives objects their kind, which the metadata of a list does not carry. */
function identifierOf({ group, version, kind }: Resource): (object: KubeObject) => KubeObject {
  const apiVersion = formatApiVersion(group, version)
  return (object) => ({ ...object, apiVersion, kind })
}

/** Kinds whose objects are all known: everywhere, or in one namespace. */
function filledKinds() {
  const within = new Map<string, string | undefined>()
  return {
    add: (identity: string, namespace: string | undefined): void => {
      within.set(identity, namespace)
    },
    holds: (object: KubeObject): boolean => {
      const kind = kindText(object)
      const namespace = within.get(kind)
      return within.has(kind) && (namespace === undefined || namespace === object.metadata.namespace)
    },
  }
}

/** A kind, in any version. */
function kindText({ apiVersion, kind }: KubeObject): string {
  return `${parseApiVersion(apiVersion).group}/${kind}`
}

/** The kinds of what was applied, by what they are in any version. */
function kindsOf(changes: ChangeSet): ReadonlyMap<string, readonly [string, string]> {
  return new Map(
    changes.map(({ id, version }) => [
      `${id.group}/${id.kind}`,
      [formatApiVersion(id.group, version), id.kind] as const,
    ]),
  )
}

/** Reads the owners out of labels of a group. */
function ownersIn(group: string) {
  const ownerOf = ({ metadata: { labels } }: KubeObject): OwnerKey | undefined => {
    const name = labels?.[`${group}/name`]
    const namespace = labels?.[`${group}/namespace`]
    return name && namespace ? { namespace, name } : undefined
  }
  const ownerText = (object: KubeObject): string | undefined => {
    const owner = ownerOf(object)
    return owner && keyText(owner)
  }
  return { ownerOf, ownerText }
}

function seenDrifts() {
  const byOwner = new Map<string, Map<string, string>>()
  return {
    add: (owner: ObjectKey, object: string, how: string): void => {
      const key = keyText(owner)
      byOwner.set(key, (byOwner.get(key) ?? new Map<string, string>()).set(object, how))
    },
    take: (owner: ObjectKey): SeenDrift => {
      const key = keyText(owner)
      const drifts = byOwner.get(key) ?? new Map<string, string>()
      byOwner.delete(key)
      return drifts
    },
  }
}

function keyText({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`
}
