import type { ObjectKey } from '@sluice/cluster'
import { Counter, Gauge, type Registry } from 'prom-client'

/** The object for which a token is asked. */
type Owner = ObjectKey & { readonly kind: string }

/** Flux's metrics of the cache for tokens of clouds. */
export interface TokenMetrics {
  /** A token was asked for, and was there or not. */
  asked(found: boolean, owner: Owner | undefined): void
  /** A cloud was asked for a token, and gave one or not. */
  requested(succeeded: boolean): void
  evicted(): void
  held(count: number): void
  /** The object is gone. */
  forget(kind: string, key: ObjectKey): void
}

const eventTypes = ['cache_hit', 'cache_miss'] as const

export function tokenMetrics(registry: Registry): TokenMetrics {
  const registers = [registry]
  const events = new Counter({
    name: 'gotk_token_cache_events_total',
    help: 'Questions for tokens of clouds, by whether one was at hand.',
    labelNames: ['event_type', 'kind', 'name', 'namespace', 'operation'] as const,
    registers,
  })
  const requests = new Counter({
    name: 'gotk_token_cache_requests_total',
    help: 'Requests for tokens of clouds, by whether one was given.',
    labelNames: ['status'] as const,
    registers,
  })
  const evictions = new Counter({
    name: 'gotk_token_cache_evictions_total',
    help: 'Tokens that went for want of room.',
    registers,
  })
  const items = new Gauge({ name: 'gotk_token_cached_items', help: 'Tokens that are kept.', registers })
  return {
    asked: (found, owner = { kind: '', name: '' }) =>
      events.inc({ event_type: found ? 'cache_hit' : 'cache_miss', ...labelsOf(owner) }),
    requested: (succeeded) => requests.inc({ status: succeeded ? 'success' : 'failure' }),
    evicted: () => evictions.inc(),
    held: (count) => items.set(count),
    forget: (kind, key) => {
      for (const event_type of eventTypes) events.remove({ event_type, ...labelsOf({ kind, ...key }) })
    },
  }
}

function labelsOf({ kind, name, namespace = '' }: Owner): {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly operation: string
} {
  return { kind, name, namespace, operation: 'reconcile' }
}
