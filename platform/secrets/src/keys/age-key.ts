import { armor, Decrypter, type Identity } from 'age-encryption'
import type { MasterKey } from '../sops/metadata.ts'
import { SopsError } from '../sops-error.ts'

/** Reads a file of age identities: one a line, comments and empty lines aside. */
export function parseAgeIdentities(text: string): readonly string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of lines) {
    if (!line.startsWith('AGE-SECRET-KEY-')) {
      throw new SopsError(
        'SOPS_MALFORMED',
        'failed to parse and add to age identities: unknown identity type',
      )
    }
  }
  return lines
}

/** @param identities age secret keys, or things that act as one. */
export async function unwrapWithAge(
  { enc }: Extract<MasterKey, { kind: 'age' }>,
  identities: readonly (string | Identity)[],
): Promise<Uint8Array> {
  if (identities.length === 0) {
    throw new SopsError('SOPS_KEY_REFUSED', 'failed to load age identities. Did not find keys')
  }
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  try {
    return await decrypter.decrypt(armor.decode(enc))
  } catch (cause) {
    // The library names its cause in words of its own; nothing in them is secret.
    throw new SopsError('SOPS_KEY_REFUSED', 'failed to create reader for decrypting sops data key with age', {
      cause,
    })
  }
}
