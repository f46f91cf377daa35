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
