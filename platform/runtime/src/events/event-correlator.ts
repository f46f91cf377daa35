import type { Clock } from '@sluice/ports'
import { LRUCache } from 'lru-cache'

/** What identifies an event to people: equal ones are counted instead of recorded anew. */
export type EventIdentity = {
  readonly component: string
  /** Kind, namespace, name, uid and version of the object, as one string. */
  readonly object: string
  readonly type: string
  readonly reason: string
  readonly message: string
}

/** What is to be done with an event. */
export type Correlation =
  | { readonly kind: 'drop' }
  | { readonly kind: 'create'; readonly message: string; remember: (name: string) => void }
  | {
      readonly kind: 'count'
      readonly message: string
      readonly name: string
      readonly count: number
      /** The counted event is gone from the server: record it anew. */
      forget: () => void
    }

type Seen = { name: string; count: number }
type Similar = { readonly messages: Set<string>; lastAt: number }
type Bucket = { tokens: number; filledAt: number }

/** Source: client-go 0.36, tools/record, defaults of the events correlator. */
const remembered = 4_096
const similarLimit = 10
const similarWindowMs = 600_000
const burst = 25
const refillMs = 300_000

/** Keeps a chatty object from filling the cluster with events: counts equal ones, gathers similar ones, drops floods. */
export function eventCorrelator(clock: Clock): { correlate(event: EventIdentity): Correlation } {
  const seen = new LRUCache<string, Seen>({ max: remembered })
  const similars = new LRUCache<string, Similar>({ max: remembered })
  const buckets = new LRUCache<string, Bucket>({ max: remembered })

  return {
    correlate: (event) => {
      const { message, isGathered } = gather(event)
      if (!takeToken(event)) return { kind: 'drop' }
      const identity = identityOf(event, isGathered ? undefined : message)
      const known = seen.get(identity)
      if (known?.name) {
        known.count += 1
        const { name, count } = known
        return { kind: 'count', message, name, count, forget: () => seen.delete(identity) }
      }
      return {
        kind: 'create',
        message,
        remember: (name) => seen.set(identity, { name, count: 1 }),
      }
    },
  }

  /** From the tenth different message within ten minutes, events that differ in nothing else count as one. */
  function gather(event: EventIdentity): { readonly message: string; readonly isGathered: boolean } {
    const identity = identityOf(event, undefined)
    const now = clock.now()
    const known = similars.get(identity)
    const similar =
      known && now - known.lastAt <= similarWindowMs ? known : { messages: new Set<string>(), lastAt: now }
    similar.messages.add(event.message)
    similar.lastAt = now
    similars.set(identity, similar)
    if (similar.messages.size < similarLimit) return { message: event.message, isGathered: false }
    // Nine others are enough to tell that the next one is too many.
    similar.messages.delete(event.message)
    return { message: `(combined from similar events): ${event.message}`, isGathered: true }
  }

  function takeToken({ component, object }: EventIdentity): boolean {
    const identity = `${component}\n${object}`
    const now = clock.now()
    const bucket = buckets.get(identity) ?? { tokens: burst, filledAt: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.filledAt) / refillMs)
    bucket.filledAt = now
    buckets.set(identity, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}

function identityOf(event: EventIdentity, message: string | undefined): string {
  return JSON.stringify([event.component, event.object, event.type, event.reason, message])
}
