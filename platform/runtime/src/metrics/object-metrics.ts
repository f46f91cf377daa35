import type { ObjectKey } from '@sluice/cluster'
import type { Condition } from '@sluice/ports'
import { Gauge, Histogram, type Registry } from 'prom-client'

/** Flux's metrics, a series an object. */
export interface ObjectMetrics {
  ran(kind: string, key: ObjectKey, seconds: number): void
  observe(
    kind: string,
    key: ObjectKey,
    state: { readonly ready: Condition | undefined; readonly suspended: boolean },
  ): void
  forget(kind: string, key: ObjectKey): void
}

/** Ten buckets in equal ratios from 10 ms to half an hour, as Flux has them. */
const durationBuckets = Array.from({ length: 10 }, (_, n) => 0.01 * (1800 / 0.01) ** (n / 9))
const objectLabels = ['kind', 'name', 'namespace'] as const
const statuses = ['True', 'False', 'Unknown', 'Deleted'] as const

export function objectMetrics(registry: Registry): ObjectMetrics {
  const registers = [registry]
  const duration = new Histogram({
    name: 'gotk_reconcile_duration_seconds',
    help: 'Duration of reconciliations of an object.',
    labelNames: objectLabels,
    buckets: durationBuckets,
    registers,
  })
  const condition = new Gauge({
    name: 'gotk_reconcile_condition',
    help: 'Status of the Ready condition of an object.',
    labelNames: [...objectLabels, 'type', 'status'] as const,
    registers,
  })
  const suspended = new Gauge({
    name: 'gotk_suspend_status',
    help: 'Whether reconciling an object is switched off.',
    labelNames: objectLabels,
    registers,
  })

  /** What was told last of an object: a series is touched only when it changes. */
  const told = new Map<string, string>()

  return {
    ran: (kind, key, seconds) => duration.observe(labelsOf(kind, key), seconds),
    observe: (kind, key, state) => {
      const current = state.ready?.status ?? 'Unknown'
      const news = `${current} ${state.suspended}`
      const identity = identityOf(kind, key)
      if (told.get(identity) === news) return
      told.set(identity, news)
      const labels = labelsOf(kind, key)
      suspended.set(labels, state.suspended ? 1 : 0)
      for (const status of statuses) {
        condition.set({ ...labels, type: 'Ready', status }, status === current ? 1 : 0)
      }
    },
    forget: (kind, key) => {
      const labels = labelsOf(kind, key)
      told.delete(identityOf(kind, key))
      duration.remove(labels)
      suspended.remove(labels)
      for (const status of statuses) condition.remove({ ...labels, type: 'Ready', status })
    },
  }
}

function labelsOf(
  kind: string,
  { namespace = '', name }: ObjectKey,
): Record<(typeof objectLabels)[number], string> {
  return { kind, name, namespace }
}

function identityOf(kind: string, { namespace = '', name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`
}
