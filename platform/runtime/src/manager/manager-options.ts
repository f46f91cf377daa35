import type { CacheSet, Cluster, ObjectKey, Resource } from '@sluice/cluster'
import type { Clock, Logger, Random } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'
import type { ForwardEvent } from '../events/notification.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'

export type ManagerOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Names this process in events, such as its host name. */
  readonly identity: string
  /** Objects of one kind that are reconciled at the same time. Default: `4`. */
  readonly concurrency?: number
  /** First pause after a failure, doubled with each further one. Default: `750`. */
  readonly minRetryDelayMs?: number
  /** Longest pause after failures. Default: `900_000`. */
  readonly maxRetryDelayMs?: number
  /**
   * How long a new object waits before it is looked at first, so that what it refers to can arrive: people and tools create
   * objects one after the other. Default: `0`.
   */
  readonly newObjectDelayMs?: number
  /** How far an interval is shortened or lengthened at random, in percent. Default: `5`. */
  readonly intervalJitterPercentage?: number
  /** How long runs under way may take to end, and events to be written, when the manager stops. Default: `1_000`. */
  readonly gracePeriodMs?: number
  /** Only objects in this namespace, also of the kinds that these refer to. All when absent. */
  readonly namespace?: string
  /** Only objects with these labels: the shard of this process. */
  readonly watchLabelSelector?: string
  /** Hands events to the notification controller; they stay in the cluster when absent. */
  readonly forwardEvent?: ForwardEvent
  /** Caches that other managers of the process use too; they outlive this one. Its own when absent. */
  readonly caches?: CacheSet
  /** Metrics of the whole process. Its own when absent. */
  readonly metrics?: Metrics
}

/** How one kind is run, where it differs from the manager's other kinds. */
export type AddOptions = {
  /** Objects that are reconciled at the same time. */
  readonly concurrency?: number
  /** How long a new object waits before it is looked at first. */
  readonly newObjectDelayMs?: number
}

/** Runs reconcilers over one set of caches. */
export interface Manager {
  readonly caches: CacheSet
  /** Adds a kind. To be called before {@link Manager.run}. */
  add<T extends ToolkitObject>(reconciler: Reconciler<T>, options?: AddOptions): void
  /** Has an object of a kind that was added reconciled soon. */
  enqueue(resource: Resource, key: ObjectKey): void
  /**
   * Works until `signal` aborts, then lets what runs come to its end. Fails when a kind cannot be worked on at all; the
   * others have been brought to their end by then.
   */
  run(signal: AbortSignal): Promise<void>
  /** Whether all caches of the kinds that were added have been filled. */
  isReady(): boolean
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>
}
