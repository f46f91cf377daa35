import type { CredentialSource } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'

/** A token and the time, in milliseconds since 1970, at which it ends. */
export type BearerToken = { readonly token: string; readonly expiresAt: number }

/** A token is used for this part of its life, and for this long at most. Source: FEATURES of Flux 2.9, §10. */
const usedPart = 0.8
const longestUseMs = 3_600_000

/** Credentials whose token is issued anew before it ends, or after it was refused. */
export function renewedCredentials(
  issue: (call: { readonly signal: AbortSignal }) => Promise<BearerToken>,
  { clock }: { readonly clock: Clock },
): CredentialSource {
  let held: { readonly authorization: string; readonly renewAt: number } | undefined
  return {
    get: async (call) => {
      if (!held || clock.now() >= held.renewAt) {
        const { token, expiresAt } = await issue(call)
        const useMs = Math.min((expiresAt - clock.now()) * usedPart, longestUseMs)
        held = { authorization: `Bearer ${token}`, renewAt: clock.now() + useMs }
      }
      return { authorization: held.authorization }
    },
    refused: () => {
      held = undefined
    },
  }
}
