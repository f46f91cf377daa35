import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { QueueObserver } from '../queue/work-queue.ts'

/** client-go's metrics of work queues. */
export interface QueueMetrics {
  /** @param load asked when the metrics are read. */
  forQueue(name: string, load: () => QueueLoad): QueueObserver
}

/** What a queue holds at the moment. */
export type QueueLoad = {
  readonly depth: number
  /** How long the keys that are being worked on have been so, in seconds. */
  readonly workingSeconds: readonly number[]
}

const buckets = Array.from({ length: 10 }, (_, n) => 1e-8 * 10 ** n)
const labelNames = ['name', 'controller'] as const

export function queueMetrics(registry: Registry): QueueMetrics {
  const common = { labelNames, registers: [registry] }
  const loads = new Map<string, () => QueueLoad>()
  const gauge = (name: string, help: string, valueOf: (load: QueueLoad) => number): void => {
    const made = new Gauge({
      name,
      help,
      ...common,
      collect: () => {
        for (const [queue, load] of loads) made.set({ name: queue, controller: queue }, valueOf(load()))
      },
    })
  }
  gauge('workqueue_depth', 'Keys waiting in a queue.', ({ depth }) => depth)
  gauge(
    'workqueue_unfinished_work_seconds',
    'Time spent so far on keys that are being worked on, all together.',
    ({ workingSeconds }) => workingSeconds.reduce((sum, seconds) => sum + seconds, 0),
  )
  gauge(
    'workqueue_longest_running_processor_seconds',
    'Time spent so far on the key that has been worked on for longest.',
    ({ workingSeconds }) => workingSeconds.reduce((longest, seconds) => Math.max(longest, seconds), 0),
  )
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
    forQueue: (name, load) => {
      const labels = { name, controller: name }
      loads.set(name, load)
      return {
        added: () => adds.inc(labels),
        retried: () => retries.inc(labels),
        taken: (ms) => waited.observe(labels, ms / 1_000),
        finished: (ms) => worked.observe(labels, ms / 1_000),
      }
    },
  }
}
