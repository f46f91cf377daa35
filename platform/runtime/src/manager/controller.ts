import type { CacheSet, ObjectKey, WatchCache } from '@sluice/cluster'
import type { Clock, Condition, KubeObject, Logger, Random } from '@sluice/ports'
import { findCondition, type ToolkitObject } from '@sluice/toolkit'
import type { EventRecorder } from '../events/event-recorder.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createWorkQueue, type WorkQueue } from '../queue/work-queue.ts'
import type { Next } from '../reconcile/outcome.ts'
import { isSuspended, type LoopOptions, reconcileKey, tryDecode } from '../reconcile/reconcile-key.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import { interruptions } from './interruptions.ts'
import { keyText, parseKeyText } from './key-text.ts'
import { schedule } from './schedule.ts'
import type { TaskGroup } from './task-group.ts'
import { type Enqueue, watchOwnKind, watchReferences } from './triggers.ts'

export type ControllerOptions = {
  readonly caches: CacheSet
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly events: EventRecorder
  readonly metrics: Metrics
  readonly concurrency: number
  readonly minRetryDelayMs: number
  readonly maxRetryDelayMs: number
  readonly newObjectDelayMs: number
  readonly intervalJitterPercentage: number
  readonly selection: { readonly namespace?: string; readonly labelSelector?: string }
}

/** Reconciles the objects of one kind. */
export interface Controller {
  readonly isSynced: boolean
  enqueue(key: ObjectKey): void
  /** Works until `close`; runs then under way end with `runSignal` at the latest. */
  run(tasks: TaskGroup, runSignal: AbortSignal): Promise<void>
  /** Takes no more work. */
  close(): void
}

/** What ends a run, or may. */
type Ends = Pick<LoopOptions, 'signal' | 'interruption'>

export function createController<T extends ToolkitObject>(
  given: Reconciler<T>,
  options: ControllerOptions,
): Controller {
  const reconciler = { ...given, decode: decodedOnce(given.decode) }
  const { caches, clock, concurrency, metrics, random } = options
  const { kind, group } = reconciler.resource
  const name = kind.toLowerCase()
  const log = options.log.with({ controller: name, controllerGroup: group, controllerKind: kind })
  const observer = metrics.queues.forQueue(name, () => ({
    depth: queue.depth,
    workingSeconds: [...queue.takenAt].map((at) => (clock.now() - at) / 1_000),
  }))
  const queue: WorkQueue = createWorkQueue({ ...options, observer })
  const runs = interruptions()
  const enqueue: Enqueue = (text, trigger) => {
    queue.add(text)
    if (trigger) runs.interrupt(text, trigger)
  }
  let isSynced = false
  metrics.controllers.limit(name, concurrency)

  return {
    get isSynced() {
      return isSynced
    },
    enqueue: (key) => enqueue(keyText(key)),
    close: () => queue.close(),
    run: async (tasks, runSignal) => {
      const own = caches.cache(reconciler.resource, options.selection)
      const { namespace } = options.selection
      const others = (reconciler.watches ?? []).map((watch, index) =>
        watchReferences(watch, { caches, own, namespace, indexName: `watch ${index}`, reconciler, enqueue }),
      )
      if (!(await allSynced([own, ...others], tasks.signal))) return
      isSynced = true
      reconciler.start?.({ caches, clock, random, log, tasks, enqueue: (key) => enqueue(keyText(key)) })
      const enqueueNew = (key: string): void => queue.addAfter(key, options.newObjectDelayMs)
      watchOwnKind(own, reconciler, { enqueue, enqueueNew })
      await Promise.all(Array.from({ length: concurrency }, () => work(own, runSignal)))
    },
  }

  async function work(own: WatchCache, signal: AbortSignal): Promise<void> {
    for (;;) {
      // A worker has one key at a time.
      const text = await queue.take()
      if (text === undefined) return
      await runs.during(text, (interruption) => turn(text, own, { signal, interruption }))
      queue.done(text)
    }
  }

  async function turn(text: string, own: WatchCache, ends: Ends): Promise<void> {
    const key = parseKeyText(text)
    const { name: objectName, namespace = '' } = key
    const keyLog = log.with({ [kind]: { name: objectName, namespace }, namespace, name: objectName })
    const startedAt = clock.now()
    metrics.controllers.started(name)
    const next = await reconcileSafely(key, reconciler, {
      cache: own,
      cluster: caches.cluster,
      clock,
      log: keyLog,
      ...ends,
      record: (object, event) => {
        options.events.record(reconciler.controller, object, event)
        // Failures are logged where they are handled, with what follows.
        if (event.type !== 'Warning') keyLog.info(event.message, { reason: event.reason, ...event.metadata })
      },
    })
    const { intervalJitterPercentage: jitterPercentage } = options
    const result = schedule(text, next, { queue, random, log: keyLog, jitterPercentage })
    const seconds = (clock.now() - startedAt) / 1_000
    metrics.controllers.ended(name, result, seconds)
    const object = own.get(key)
    if (object) {
      metrics.objects.ran(kind, key, seconds)
      metrics.objects.observe(kind, key, stateOf(object, reconciler))
    } else {
      for (const each of [metrics.objects, metrics.tokens]) each.forget(kind, key)
      queue.drop(text)
    }
  }
}

/** Objects are shared and never change: each is checked once, however many look at it. */
function decodedOnce<T extends object>(decode: (value: unknown) => T): (value: unknown) => T {
  const known = new WeakMap<object, T>()
  return (value) => {
    if (typeof value !== 'object' || value === null) return decode(value)
    const found = known.get(value)
    if (found) return found
    const decoded = decode(value)
    known.set(value, decoded)
    return decoded
  }
}

/** What the loop itself cannot do, such as writing a status, is a failure like any other. */
async function reconcileSafely<T extends ToolkitObject>(
  key: ObjectKey,
  reconciler: Reconciler<T>,
  options: LoopOptions,
): Promise<Next> {
  try {
    return await reconcileKey(key, reconciler, options)
  } catch (error) {
    return options.signal.aborted ? { kind: 'nothing' } : { kind: 'backoff', error }
  }
}

function stateOf<T extends ToolkitObject>(
  object: KubeObject,
  reconciler: Reconciler<T>,
): { readonly ready: Condition | undefined; readonly suspended: boolean } {
  const decoded = tryDecode(object, reconciler)
  return {
    ready: findCondition(decoded?.status?.conditions ?? [], 'Ready'),
    suspended: decoded !== undefined && isSuspended(decoded, reconciler),
  }
}

/** Whether all caches were filled, rather than the signal having aborted first. */
async function allSynced(caches: readonly WatchCache[], signal: AbortSignal): Promise<boolean> {
  try {
    await Promise.all(caches.map((it) => it.synced(signal)))
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}
