import type { GoValue } from '@sluice/go'

/** What a template asks the cluster for; an empty `name` means all of the kind, an empty namespace none or all. */
export type LookupQuery = {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Answers a query with the object, the list, or an empty map. */
export type Lookup = (query: LookupQuery) => GoValue

/** A {@link Lookup} over what is known so far, which remembers what was missing. */
export type LookupPass = {
  readonly lookup: Lookup
  /** Queries without an answer, each once, in the order in which they were made. */
  readonly misses: readonly LookupQuery[]
}

/**
 * Lookups as passes: a query that is not answered gets an empty map and is remembered. The caller fetches what was
 * missed and renders again, whether or not the render ended in an error.
 *
 * @param known answers by {@link lookupKey}
 */
export function lookupPass(known: ReadonlyMap<string, GoValue>): LookupPass {
  const misses = new Map<string, LookupQuery>()
  return {
    lookup: (query) => {
      const key = lookupKey(query)
      const answer = known.get(key)
      if (answer !== undefined) return answer
      misses.set(key, query)
      return new Map()
    },
    get misses() {
      return [...misses.values()]
    },
  }
}

/** A query as a key; no two queries share one. */
export function lookupKey({ apiVersion, kind, namespace, name }: LookupQuery): string {
  return JSON.stringify([apiVersion, kind, namespace, name])
}
