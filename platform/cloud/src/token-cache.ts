import type { Clock } from '@sluice/ports'

/** Tokens are used for this part of their life, and for this long at most. Source: FEATURES of Flux 2.9, §10 and §11. */
const usedPart = 0.8
const longestUseMs = 3_600_000
/** `--token-cache-max-size`. */
const maxTokens = 100

export type TokenCache = {
  /** What `issue` gave for this key, as long as it lasts. Those who ask at the same time share one answer. */
  readonly get: <T extends { readonly expiresAt: number }>(key: string, issue: () => Promise<T>) => Promise<T>
}

type Held = { readonly answer: Promise<unknown>; until: number }

export function tokenCache({ clock }: { readonly clock: Clock }): TokenCache {
  const held = new Map<string, Held>()

  return {
    get: async <T extends { readonly expiresAt: number }>(key: string, issue: () => Promise<T>) => {
      const known = held.get(key)
      // A key stands for one question, whose answers are of one type.
      if (known && clock.now() < known.until) return known.answer as Promise<T>
      const answer = issue()
      const entry: Held = { answer, until: Number.POSITIVE_INFINITY }
      held.delete(key)
      held.set(key, entry)
      const [oldest] = held.keys()
      if (held.size > maxTokens && oldest !== undefined) held.delete(oldest)
      try {
        const { expiresAt } = await answer
        entry.until = clock.now() + Math.min((expiresAt - clock.now()) * usedPart, longestUseMs)
      } catch (error) {
        if (held.get(key) === entry) held.delete(key)
        throw error
      }
      return answer
    },
  }
}
