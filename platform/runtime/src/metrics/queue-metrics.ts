import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { QueueObserver } from '../queue/work-queue.ts'

/** client-go's metrics of work queues. */
export interface QueueMetrics {
  /** @param depth asked when the metrics are read. */
  forQueue(name: string, depth: () => number): QueueObserver
}

const buckets = Array.from({ length: 10 }, (_, n) => 1e-8 * 10 ** n)
const labelNames = ['name', 'controller'] as const

export function queueMetrics(registry: Registry): QueueMetrics {
  const common = { labelNames, registers: [registry] }
  const depths = new Map<string, () => number>()
  const depthGauge = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys waiting in a queue.',
    ...common,
    collect: () => {
      for (const [name, depth] of depths) depthGauge.set({ name, controller: name }, depth())
    },
  })
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added to a queue.', ...common })
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Keys to be tried again.',
    ...common,
  })
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'Time that keys wait in a queue.',
    buckets,
    ...common,
  })
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'Time that keys are worked on.',
    buckets,
    ...common,
  })

  return {
    forQueue: (name, depth) => {
      const labels = { name, controller: name }
      depths.set(name, depth)
      return {
        added: () => adds.inc(labels),
        retried: () => retries.inc(labels),
        taken: (ms) => waited.observe(labels, ms / 1_000),
        finished: (ms) => worked.observe(labels, ms / 1_000),
      }
    },
  }
}
