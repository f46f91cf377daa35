import type { Clock } from '@sluice/ports'
import type { CredentialSource } from '../https/connection.ts'
import type { Surroundings } from './surroundings.ts'

/** Tokens in files are renewed by others; they are read again after this time. */
const rereadMs = 60_000

/** The token in a file, read anew now and then. */
export function tokenFileCredentials(
  path: string,
  { clock, surroundings }: { readonly clock: Clock; readonly surroundings: Surroundings },
): CredentialSource {
  let held: { readonly authorization: string; readonly readAt: number } | undefined
  return {
    get: async () => {
      if (!held || clock.now() - held.readAt >= rereadMs) {
        const text = new TextDecoder().decode(await surroundings.readFile(path))
        held = { authorization: `Bearer ${text.trim()}`, readAt: clock.now() }
      }
      return { authorization: held.authorization }
    },
    refused: () => {
      held = undefined
    },
  }
}
