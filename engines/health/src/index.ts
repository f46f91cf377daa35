/**
 * What "ready" means for a Kubernetes object.
 *
 * @example
 * healthOf(deployment, { now: clock.now() }) // { status: 'InProgress', message: 'Ready: 1/3' }
 */
export { type HealthContext, healthOf, notFound } from './health.ts'
export { dependsOnPods } from './pods.ts'
export type { Health, HealthStatus } from './verdict.ts'
