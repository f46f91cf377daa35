import { errorChain } from '@sluice/ports'
import { GitError } from '../git-error.ts'

/**
 * Verifies an armoured OpenPGP signature over `payload` and gives the id of the primary key that made it.
 *
 * @param keyRings armoured public keys.
 * @param now milliseconds since the epoch: signatures of keys that have expired by then do not count.
 * @throws {GitError} in the words of Flux.
 */
export async function verifyPgpSignature(
  armored: string,
  payload: Uint8Array,
  { keyRings, now }: { readonly keyRings: readonly string[]; readonly now: number },
): Promise<string> {
  let readError: unknown
  for (const armoredKeys of keyRings) {
    try {
      // One ring after the other: mostly there is one.
      const signer = await findSigner(armored, payload, { armoredKeys, now })
      if (signer !== undefined) return signer
    } catch (cause) {
      readError ??= cause
    }
  }
  if (readError !== undefined) {
    throw new GitError('GIT_SIGNATURE', `unable to read armored key ring: ${errorChain(readError)}`)
  }
  throw new GitError('GIT_SIGNATURE', 'unable to verify payload with any of the given key rings', {
    cause: new GitError('GIT_SIGNATURE', 'no matching key'),
  })
}

async function findSigner(
  armored: string,
  payload: Uint8Array,
  { armoredKeys, now }: { readonly armoredKeys: string; readonly now: number },
): Promise<string | undefined> {
  // Loaded when first needed: it is large, and most repositories are not signed.
  const { createMessage, readKeys, readSignature, verify } = await import('openpgp')
  const verificationKeys = await readKeys({ armoredKeys })
  const signature = await readSignature({ armoredSignature: armored })
  const message = await createMessage({ binary: payload })
  const { signatures } = await verify({
    message,
    signature,
    verificationKeys,
    date: new Date(now),
    format: 'binary',
  })
  for (const { keyID, verified } of signatures) {
    const signer = (await holds(verified)) && verificationKeys.find((key) => key.getKeys(keyID).length > 0)
    if (signer) return signer.getKeyID().toHex().toUpperCase()
  }
  return undefined
}

async function holds(verified: Promise<true>): Promise<boolean> {
  // The promise rejects for whatever reason a signature has not to count.
  return verified.then(
    () => true,
    () => false,
  )
}
