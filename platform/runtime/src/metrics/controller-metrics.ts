import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** How a run ended, in the words of controller-runtime. */
export type RunResult = 'success' | 'error' | 'requeue' | 'requeue_after'

/** controller-runtime's metrics, a series a kind. */
export interface ControllerMetrics {
  limit(controller: string, concurrency: number): void
  started(controller: string): void
  ended(controller: string, result: RunResult, seconds: number): void
}

const labelNames = ['controller'] as const

/** Source: controller-runtime 0.24, pkg/internal/controller/metrics. */
const timeBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]

export function controllerMetrics(registry: Registry): ControllerMetrics {
  const registers = [registry]
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by result.',
    labelNames: ['controller', 'result'] as const,
    registers,
  })
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Failed reconciliations.',
    labelNames,
    registers,
  })
  const time = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Duration of reconciliations.',
    labelNames,
    buckets: timeBuckets,
    registers,
  })
  const most = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Most reconciliations at the same time.',
    labelNames,
    registers,
  })
  const active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Reconciliations under way.',
    labelNames,
    registers,
  })

  return {
    limit: (controller, concurrency) => most.set({ controller }, concurrency),
    started: (controller) => active.inc({ controller }),
    ended: (controller, result, seconds) => {
      active.dec({ controller })
      total.inc({ controller, result })
      if (result === 'error') errors.inc({ controller })
      time.observe({ controller }, seconds)
    },
  }
}
