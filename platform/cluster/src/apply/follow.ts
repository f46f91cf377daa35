import { type Clock, formatApiVersion, type KubeObject, type Random, silentLogger } from '@sluice/ports'
import { isApiError } from '../api-error.ts'
import { ObjectStore } from '../cache/object-store.ts'
import { reflect } from '../cache/reflector.ts'
import type { Cluster, ObjectKey } from '../cluster.ts'
import { mapConcurrently } from '../map-concurrently.ts'
import type { Target } from './delete.ts'

export type FollowOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Requests at the same time. Default: `4`. */
  readonly concurrency?: number
}

/** An object as it was last seen. */
export type Seen = {
  readonly target: Target
  /** Absent when there is none. */
  readonly object?: KubeObject
  /** Why it could not be looked at. */
  readonly trouble?: string
}

/**
 * What is still to be followed, in any order; nothing ends the following, and so does a failure. Asked after each change
 * and now and then; when `isOver` it is asked for the last time.
 */
export type Judge = (seen: readonly Seen[], isOver: boolean) => readonly Target[] | Promise<readonly Target[]>

/** Without a watch, looks again after this time at first, then less and less often. */
const firstPauseMs = 100
const longestPauseMs = 5_000
const growth = 1.5

/**
 * Follows objects until `judge` has nothing left to wait for: with watches of those that are still waited for, and by
 * asking now and then where a watch cannot be had or is silent.
 */
export async function followObjects(
  targets: readonly Target[],
  options: FollowOptions,
  judge: Judge,
): Promise<void> {
  const { clock, signal, timeoutMs, concurrency = 4 } = options
  const deadline = clock.now() + timeoutMs
  const stop = new AbortController()
  const watches = objectWatches({ ...options, signal: AbortSignal.any([signal, stop.signal]) })
  const seen = new Map<Target, Seen>()
  let due = targets
  let pauseMs = firstPauseMs
  try {
    for (;;) {
      for (const it of await mapConcurrently(due, concurrency, (target) => look(target, options))) {
        seen.set(it.target, it)
      }
      const leftMs = deadline - clock.now()
      const states = targets.flatMap((target) => seen.get(target) ?? [])
      const open = await judge(states, leftMs <= 0)
      if (open.length === 0 || leftMs <= 0) return
      await watches.add(open)
      const areWatched = open.every((it) => watches.has(it))
      const changes = await watches.changes(Math.min(areWatched ? longestPauseMs : pauseMs, leftMs))
      for (const [target, object] of changes) seen.set(target, object ? { target, object } : { target })
      due = changes.size > 0 ? [] : open
      pauseMs = Math.min(longestPauseMs, pauseMs * growth)
    }
  } finally {
    stop.abort()
    await watches.closed()
  }
}

async function look(target: Target, { cluster, signal }: FollowOptions): Promise<Seen> {
  const { id, version } = target
  try {
    const resource = await cluster.resourceFor(formatApiVersion(id.group, version), id.kind, { signal })
    return { target, object: await cluster.get(resource, keyOfTarget(target), { signal }) }
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'NoKindMatch')) return { target }
    if (signal.aborted) throw error
    // The server may be away for a moment; the deadline still holds.
    return { target, trouble: error instanceof Error ? error.message : String(error) }
  }
}

function keyOfTarget({ id }: Target): ObjectKey {
  return id.namespace === '' ? { name: id.name } : { namespace: id.namespace, name: id.name }
}

/** Watches of objects, and what they told since they were last asked. */
interface ObjectWatches {
  /** Begins to watch those that are not watched yet. */
  add(targets: readonly Target[]): Promise<void>
  /** Whether any change of the object will be told. */
  has(target: Target): boolean
  /** What has changed: at once when something has, otherwise as soon as it does, or nothing after `ms`. */
  changes(ms: number): Promise<ReadonlyMap<Target, KubeObject | undefined>>
  closed(): Promise<void>
}

type Watched = Pick<FollowOptions, 'cluster' | 'clock' | 'signal'>

/** Pauses after failures need no jitter: one process waits for few objects at a time. */
const noJitter: Random = { float: () => 0, bytes: (length) => new Uint8Array(length) }

function objectWatches({ cluster, clock, signal }: Watched): ObjectWatches {
  const known = new Set<Target>()
  const synced = new Set<Target>()
  const tasks: Promise<void>[] = []
  let pending = new Map<Target, KubeObject | undefined>()
  let wake = asleep

  const watch = async (group: readonly Target[]): Promise<void> => {
    const [first] = group
    if (!first) return
    const { id, version } = first
    try {
      const resource = await cluster.resourceFor(formatApiVersion(id.group, version), id.kind, { signal })
      const byName = new Map(group.map((target) => [target.id.name, target]))
      const store = new ObjectStore<KubeObject>(() => false)
      store.subscribe(({ before, after }) => {
        const target = byName.get((after ?? before)?.metadata.name ?? '')
        if (!target) return
        pending.set(target, after)
        wake()
      })
      const selection = {
        ...(id.namespace !== '' && { namespace: id.namespace }),
        ...(group.length === 1 && { fieldSelector: `metadata.name=${id.name}` }),
      }
      const onSynced = (): void => {
        for (const target of group) synced.add(target)
      }
      const rest = { cluster, clock, signal, random: noJitter, log: silentLogger }
      tasks.push(reflect({ ...rest, resource, selection, store, onSynced }))
    } catch (error) {
      if (!isApiError(error, 'NoKindMatch')) throw error
      for (const target of group) known.delete(target)
    }
  }

  return {
    add: async (targets) => {
      const fresh = targets.filter((it) => !known.has(it))
      for (const it of fresh) known.add(it)
      await Promise.all(groupedByKind(fresh).map(watch))
    },
    has: (target) => synced.has(target),
    changes: async (ms) => {
      if (pending.size === 0) await clockOrWake(ms)
      const told = pending
      pending = new Map()
      return told
    },
    closed: async () => {
      await Promise.all(tasks)
    },
  }

  async function clockOrWake(ms: number): Promise<void> {
    const early = new AbortController()
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    try {
      await Promise.race([woken, clock.sleep(ms, AbortSignal.any([signal, early.signal]))])
    } finally {
      wake = asleep
      early.abort()
    }
  }
}

/** Nobody waits. */
function asleep(): void {}

/** Objects that one watch can tell of: of one kind, in one namespace. */
function groupedByKind(targets: readonly Target[]): readonly (readonly Target[])[] {
  const groups = new Map<string, Target[]>()
  for (const target of targets) {
    const { group, kind, namespace } = target.id
    const key = `${group}/${target.version}/${kind}/${namespace}`
    groups.set(key, [...(groups.get(key) ?? []), target])
  }
  return [...groups.values()]
}
