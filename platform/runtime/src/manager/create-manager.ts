import { createCacheSet, type Resource } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'
import { createEventRecorder } from '../events/event-recorder.ts'
import { LeadershipLostError } from '../leases/leader-election.ts'
import { createMetrics } from '../metrics/metrics.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import { type Controller, createController } from './controller.ts'
import type { AddOptions, Manager, ManagerOptions } from './manager-options.ts'
import { manyListeners, taskGroup } from './task-group.ts'

/** A manager without kinds. Its watches begin when a cache is first asked for, its work with `run`. */
export function createManager(options: ManagerOptions): Manager {
  const { cluster, clock, random, log, namespace, watchLabelSelector, gracePeriodMs = 1_000 } = options
  const watching = manyListeners(new AbortController())
  const caches =
    options.caches ??
    createCacheSet({
      cluster,
      clock,
      random,
      log,
      signal: watching.signal,
      ...(namespace !== undefined && { namespace }),
    })
  const { metrics = createMetrics() } = options
  const events = createEventRecorder({ ...options, cluster: caches.cluster })
  const controllers = new Map<string, Controller>()
  const controllerOptions = {
    caches,
    clock,
    random,
    log,
    events,
    metrics,
    concurrency: options.concurrency ?? 4,
    minRetryDelayMs: options.minRetryDelayMs ?? 750,
    maxRetryDelayMs: options.maxRetryDelayMs ?? 900_000,
    newObjectDelayMs: options.newObjectDelayMs ?? 0,
    intervalJitterPercentage: options.intervalJitterPercentage ?? 5,
    selection: {
      ...(namespace !== undefined && { namespace }),
      ...(watchLabelSelector !== undefined && { labelSelector: watchLabelSelector }),
    },
  }

  return {
    caches,
    add: <T extends ToolkitObject>(reconciler: Reconciler<T>, own: AddOptions = {}) => {
      const controller = createController(reconciler, {
        ...controllerOptions,
        ...own,
      })
      controllers.set(identityOf(reconciler.resource), controller)
    },
    enqueue: (resource, key) => controllers.get(identityOf(resource))?.enqueue(key),
    isReady: () => [...controllers.values()].every((it) => it.isSynced),
    metrics: () => metrics.registry.metrics(),
    run: async (signal) => {
      const tasks = taskGroup(log, signal)
      const recording = taskGroup(log)
      const running = manyListeners(new AbortController())
      recording.run('events', (end) => events.run(end))
      const work = Promise.all([...controllers.values()].map((it) => it.run(tasks, running.signal)))
      try {
        // Work ends by itself only when it cannot go on.
        await Promise.race([aborted(signal), work])
      } finally {
        for (const controller of controllers.values()) controller.close()
        const written = work.then(() => events.flushed())
        // Who has lost the lead must not go on beside the one who has it now.
        const isLost = signal.reason instanceof LeadershipLostError
        await atMost(isLost ? 0 : gracePeriodMs, written, clock)
        running.abort(signal.reason)
        await Promise.allSettled([work, tasks.stop()])
        await recording.stop()
        watching.abort(signal.reason)
        if (!options.caches) await caches.closed()
      }
    },
  }
}

function identityOf({ group, kind }: Resource): string {
  return `${kind}.${group}`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
    } else {
      signal.addEventListener('abort', () => resolve(), { once: true })
    }
  })
}

/** Waits for `work` to end one way or the other, but no longer than `ms`. */
async function atMost(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const done = new AbortController()
  const pause = clock.sleep(ms, done.signal).catch(() => undefined)
  const ended = work.catch(() => undefined).finally(() => done.abort())
  await Promise.race([ended, pause])
}
