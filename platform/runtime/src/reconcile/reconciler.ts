import type { CacheChange, CacheSet, ObjectKey, Resource } from '@sluice/cluster'
import type { Clock, KubeObject, Logger, Random } from '@sluice/ports'
import type { ConditionTable, ToolkitObject } from '@sluice/toolkit'
import type { TaskGroup } from '../manager/task-group.ts'
import type { Outcome } from './outcome.ts'
import type { Run } from './run.ts'

/**
 * How a kind is reconciled. Finalizer, suspend, requests, conditions, events, status, requeue and jitter are the
 * runtime's; a kind contributes its steps and its table of conditions.
 */
export type Reconciler<T extends ToolkitObject = ToolkitObject> = {
  readonly resource: Resource
  /** Checks the shape once, where objects come in. */
  readonly decode: (value: unknown) => T
  /** As in Flux: `source-controller` and so on; the reporting component of events. */
  readonly controller: string
  /** Writes finalizers and status. */
  readonly fieldManager: string
  /** Absent for kinds that own nothing outside of their object. */
  readonly finalizer?: string
  readonly conditions: ConditionTable
  /** Whether reconciling is switched off; `spec.suspend` when absent. */
  readonly isSuspended?: (object: T) => boolean
  /**
   * Whether an object is only data for others: there is nothing to reconcile, and what an earlier version of it left, the
   * finalizer and the status, is taken away. No object when absent.
   */
  readonly isStatic?: (object: T) => boolean
  /** Whether a request of a suspended object is noted as handled, as Flux's source kinds do. */
  readonly answersWhileSuspended?: boolean
  /** What is said of an object that is suspended, where `answersWhileSuspended`. */
  readonly whenSuspended?: (run: Run<T>) => void
  /** Brings the world to what the object says. Failures are thrown, best as `ReconcileFailure`. */
  readonly reconcile: (run: Run<T>) => Promise<Outcome>
  /**
   * Undoes what the object owns outside of itself, also for suspended objects. The finalizer goes when it returns nothing;
   * with an outcome it stays and the object is looked at again. Status is not written.
   */
  readonly finalize?: (run: Run<T>) => Promise<Outcome | undefined>
  readonly watches?: readonly Watch<T>[]
  /** Starts what wakes the reconciler beyond `watches`, such as drift watches. Called once, when caches are there. */
  readonly start?: (context: ReconcilerContext) => void
}

/** Wakes objects that refer to a changed object of another kind. */
export type Watch<T extends ToolkitObject> = {
  readonly resource: Resource
  /** Objects of `resource` that `object` refers to. Kept as an index. */
  readonly refersTo: (object: T) => readonly ObjectKey[]
  /** Whether a change matters; every change when absent. */
  readonly when?: (change: CacheChange<KubeObject>) => boolean
  /** Whether a change that matters does so to this very object; to all that refer to it when absent. */
  readonly concerns?: (object: T, change: CacheChange<KubeObject>) => boolean
  /** Only objects with these labels. */
  readonly labelSelector?: string
  /** Only metadata is needed to decide. */
  readonly metadataOnly?: boolean
}

/** What {@link Reconciler.start} works with. */
export type ReconcilerContext = {
  readonly caches: CacheSet
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Background work that ends with the process. */
  readonly tasks: TaskGroup
  /** Has the object reconciled soon; many calls are one run. */
  enqueue(key: ObjectKey): void
}
