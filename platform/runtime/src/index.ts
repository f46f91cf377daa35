/**
 * What every controller is made of: manager, queue, the reconcile loop, events and metrics.
 *
 * @example
 * const manager = createManager({ cluster, clock, random, log, identity: 'host' })
 * manager.add(gitRepositoryReconciler({ fetchTree, store }))
 * await manager.run(signal)
 */
export { type Endpoints, type EndpointsOptions, serveEndpoints } from './endpoints/serve-endpoints.ts'
export { ForwardEventError, forwardEvents } from './events/forward-events.ts'
export type { ForwardEvent, Notification } from './events/notification.ts'
export {
  type LeaderElectionOptions,
  LeadershipLostError,
  runAsLeader,
} from './leases/leader-election.ts'
export { createManager } from './manager/create-manager.ts'
export type { AddOptions, Manager, ManagerOptions } from './manager/manager-options.ts'
export { type TaskGroup, taskGroup } from './manager/task-group.ts'
export { createMetrics, type Metrics } from './metrics/metrics.ts'
export { addProcessMetrics } from './metrics/process-metrics.ts'
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './queue/work-queue.ts'
export { announce } from './reconcile/announce.ts'
export type { Next, Outcome } from './reconcile/outcome.ts'
export { type FailureOptions, ReconcileFailure } from './reconcile/reconcile-failure.ts'
export type { Reconciler, ReconcilerContext, Watch } from './reconcile/reconciler.ts'
export type { Run, RunEvent, StatusDraft } from './reconcile/run.ts'
export { RunInterruption } from './reconcile/run-interruption.ts'
export { runSteps, type Step } from './reconcile/run-steps.ts'
