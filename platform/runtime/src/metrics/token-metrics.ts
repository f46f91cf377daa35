import { Counter, Gauge, type Registry } from 'prom-client'

/** Flux's metrics of the cache for tokens of clouds. */
export interface TokenMetrics {
  /** A token was asked for, and was there or not. */
  asked(found: boolean): void
  /** A cloud was asked for a token, and gave one or not. */
  requested(succeeded: boolean): void
  evicted(): void
  held(count: number): void
}

export function tokenMetrics(registry: Registry): TokenMetrics {
  const registers = [registry]
  const events = new Counter({
    name: 'gotk_token_cache_events_total',
    help: 'Questions for tokens of clouds, by whether one was at hand.',
    labelNames: ['event_type'] as const,
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
    asked: (found) => events.inc({ event_type: found ? 'cache_hit' : 'cache_miss' }),
    requested: (succeeded) => requests.inc({ status: succeeded ? 'success' : 'failure' }),
    evicted: () => evictions.inc(),
    held: (count) => items.set(count),
  }
}
