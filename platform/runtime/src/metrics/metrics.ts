import { Registry } from 'prom-client'
import { type ClientMetrics, clientMetrics } from './client-metrics.ts'
import { type ControllerMetrics, controllerMetrics } from './controller-metrics.ts'
import { type LeaderMetrics, leaderMetrics } from './leader-metrics.ts'
import { type ObjectMetrics, objectMetrics } from './object-metrics.ts'
import { type QueueMetrics, queueMetrics } from './queue-metrics.ts'
import { type TokenMetrics, tokenMetrics } from './token-metrics.ts'

/** Metrics under the names of Flux, controller-runtime and client-go, in a registry of their own. */
export type Metrics = {
  readonly registry: Registry
  readonly objects: ObjectMetrics
  readonly controllers: ControllerMetrics
  readonly queues: QueueMetrics
  readonly client: ClientMetrics
  readonly leader: LeaderMetrics
  readonly tokens: TokenMetrics
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  return {
    registry,
    objects: objectMetrics(registry),
    controllers: controllerMetrics(registry),
    queues: queueMetrics(registry),
    client: clientMetrics(registry),
    leader: leaderMetrics(registry),
    tokens: tokenMetrics(registry),
  }
}
