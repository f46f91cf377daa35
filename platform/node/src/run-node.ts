import type { Cluster } from '@sluice/cluster'
import type { Clock, KubeObject, Logger } from '@sluice/ports'
import { ensureObject, nodeName, nodeObject } from './node-object.ts'
import type { PodFate } from './pods/pod-fate.ts'
import { podRunner } from './pods/pod-runner.ts'
import { endpointsController } from './services.ts'
import { storageClass, volumeController, volumePhaseController } from './volumes.ts'
import { cronJobController } from './workloads/cron-job.ts'
import { daemonSetController } from './workloads/daemon-set.ts'
import { deploymentController } from './workloads/deployment.ts'
import { disruptionBudgetController } from './workloads/disruption-budget.ts'
import { jobController } from './workloads/job.ts'
import { replicaSetController } from './workloads/replica-set.ts'
import { statefulSetController } from './workloads/stateful-set.ts'
import type { Pod } from './workloads/workload.ts'
import type { Controller } from './world/controller.ts'
import { type KindName, kinds } from './world/kinds.ts'
import type { Change } from './world/object-store.ts'
import { taskQueue } from './world/task-queue.ts'
import { watchKind } from './world/watch-kind.ts'
import { createWorld, discoverKinds, type World } from './world/world.ts'

/** What the node runs on. */
export type NodeDeps = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
  /** Ends the node. */
  readonly signal: AbortSignal
  /** Decides what becomes of a pod; what it leaves open follows the annotation `node.sluice.dev/simulate`. */
  readonly fateOf?: (pod: Pod) => PodFate | undefined
  /** How long pods of Jobs and other pods that end run; a second when absent. */
  readonly runMs?: number
  /** Called once everything that was there has been read. */
  readonly ready?: () => void
}

const concurrency = 4

/**
 * Registers a node that simulates pods and runs, until `signal` aborts, the controllers that a cluster's control
 * plane would: workloads get pods, pods become ready or end, services get endpoints and claims get volumes.
 *
 * @throws {ApiError} when the node cannot be registered.
 */
export async function runNode(deps: NodeDeps): Promise<void> {
  const { cluster, clock, signal, fateOf, runMs } = deps
  const resources = await discoverKinds(cluster, signal)
  const eventResource = await cluster.resourceFor('v1', 'Event', { signal })
  const timestamp = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`
  for (const [kind, object] of [
    ['nodes', nodeObject(timestamp)],
    ['storageclasses', storageClass],
  ] as const) {
    const resource = resources.get(kind)
    if (resource) await ensureObject(cluster, object, { resource, signal })
  }

  const controllers: readonly Controller[] = [
    deploymentController,
    replicaSetController,
    statefulSetController,
    daemonSetController,
    jobController,
    cronJobController,
    endpointsController,
    volumeController,
    volumePhaseController,
    disruptionBudgetController,
    podRunner({ nodeName, ...(fateOf ? { fateOf } : {}), ...(runMs === undefined ? {} : { runMs }) }),
  ]
  const { changed, synced } = dispatcher(controllers, deps, () => world)
  const world = createWorld({ cluster, clock, signal, resources, eventResource, changed })
  await Promise.all(
    [...resources].map(([kind, resource]) =>
      watchKind({ cluster, clock, signal }, resource, {
        seen: (change) => world.seen(kind, change),
        synced: () => synced(kind),
        failed: (error) => deps.log.error(error, 'cannot watch', { kind }),
      }),
    ),
  )
}

/** Hands changes to the controllers, once every kind is known: half a picture would make them create too much. */
function dispatcher(
  controllers: readonly Controller[],
  { clock, signal, log, ready }: NodeDeps,
  world: () => World,
): {
  readonly changed: (kind: KindName, change: Change) => void
  readonly synced: (kind: KindName) => void
} {
  const unsynced = new Set(Object.keys(kinds) as KindName[])
  const queues = new Map(
    controllers.map((controller) => [
      controller,
      taskQueue({
        clock,
        signal,
        concurrency,
        run: (key) => controller.reconcile(key, world()),
        failed: (key, error) => log.error(error, 'cannot reconcile', { controller: controller.name, key }),
      }),
    ]),
  )
  const trigger = (kind: KindName, object: KubeObject) => {
    for (const [controller, queue] of queues) {
      for (const key of controller.triggers[kind]?.(object, world()) ?? []) queue.add(key)
    }
  }
  return {
    changed: (kind, { before, after }) => {
      if (unsynced.size > 0) return
      // An object that changed hands concerns both owners.
      if (before) trigger(kind, before)
      if (after) trigger(kind, after)
    },
    synced: (kind) => {
      if (!unsynced.delete(kind) || unsynced.size > 0) return
      for (const name of Object.keys(kinds) as KindName[]) {
        for (const object of world().objects(name).all()) trigger(name, object)
      }
      ready?.()
    },
  }
}
