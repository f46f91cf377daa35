/**
 * What "ready" means for a Kubernetes object.
 *
 * @example
 * healthOf(deployment, { now: clock.now() }) // { status: 'InProgress', message: 'Ready: 1/3' }
 */
export { type CustomCheck, customHealth } from './custom-checks.ts'
export { Expression, type ExpressionData, ExpressionError, type ExpressionOptions } from './expression.ts'
export { type HealthContext, healthOf, notFound } from './health.ts'
export { type HealthExpressions, healthExpressions, type JudgeObject } from './health-expressions.ts'
export { dependsOnPods } from './pods.ts'
export type { Health, HealthStatus } from './verdict.ts'
