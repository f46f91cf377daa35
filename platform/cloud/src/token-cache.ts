import type { Clock } from '@sluice/ports'

/** Tokens are used for this part of their life, and for this long at most. Source: FEATURES of Flux 2.9, §10 and §11. */
const usedPart = 0.8
const longestUseMs = 3_600_000
const defaultMaxTokens = 100

/** How tokens are kept. */
export type TokenCacheOptions = {
  /** Tokens that are kept; the oldest goes. 0 keeps none. Default: `100`. */
  readonly maxTokens?: number
  /** How long a token is used at most; an hour is the most. Default: `3_600_000`. */
  readonly maxDurationMs?: number
  readonly observer?: TokenCacheObserver
}

/** The object for which a token is asked. */
export type TokenOwner = { readonly kind: string; readonly namespace: string; readonly name: string }

/** What happens in the cache, for metrics. */
export type TokenCacheObserver = {
  /** A token was asked for, and was there or not. */
  readonly asked: (found: boolean, owner: TokenOwner | undefined) => void
  /** A cloud was asked for a token, and gave one or not. */
  readonly requested: (succeeded: boolean) => void
  readonly evicted: () => void
  readonly held: (count: number) => void
}

export type TokenCache = {
  /** What `issue` gave for this key, as long as it lasts. Those who ask at the same time share one answer. */
  readonly get: <T extends { readonly expiresAt: number }>(
    key: string,
    issue: () => Promise<T>,
    owner: TokenOwner | undefined,
  ) => Promise<T>
}

type Held = { readonly answer: Promise<unknown>; until: number }

export function tokenCache({
  clock,
  maxTokens = defaultMaxTokens,
  maxDurationMs = longestUseMs,
  observer,
}: TokenCacheOptions & { readonly clock: Clock }): TokenCache {
  const held = new Map<string, Held>()
  const useMs = Math.min(maxDurationMs, longestUseMs)

  return {
    get: async <T extends { readonly expiresAt: number }>(
      key: string,
      issue: () => Promise<T>,
      owner: TokenOwner | undefined,
    ) => {
      const known = held.get(key)
      const isThere = known !== undefined && clock.now() < known.until
      observer?.asked(isThere, owner)
      // A key stands for one question, whose answers are of one type.
      if (isThere) return known.answer as Promise<T>
      const answer = issue()
      const entry: Held = { answer, until: Number.POSITIVE_INFINITY }
      keep(key, entry)
      try {
        const { expiresAt } = await answer
        entry.until = clock.now() + Math.min((expiresAt - clock.now()) * usedPart, useMs)
        observer?.requested(true)
      } catch (error) {
        if (held.get(key) === entry) held.delete(key)
        observer?.requested(false)
        observer?.held(held.size)
        throw error
      }
      return answer
    },
  }

  function keep(key: string, entry: Held): void {
    held.delete(key)
    held.set(key, entry)
    const [oldest] = held.keys()
    if (held.size > maxTokens && oldest !== undefined) {
      held.delete(oldest)
      observer?.evicted()
    }
    observer?.held(held.size)
  }
}
