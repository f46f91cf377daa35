import { GitError } from '../git-error.ts'

/** A key to sign commits with: armoured, with its passphrase if it has one. */
export type PgpSigningKey = { readonly armoredKeys: string; readonly passphrase?: string }

/**
 * Signs as `git commit -S` does.
 *
 * @param now milliseconds since the epoch: the time of the signature.
 * @throws {GitError} `GIT_SIGNATURE` when there is no key that can sign, or its passphrase is wrong.
 */
export async function signWithPgp(
  content: Uint8Array,
  { armoredKeys, passphrase }: PgpSigningKey,
  { now }: { readonly now: number },
): Promise<string> {
  // Loaded when first needed: it is large.
  const { createMessage, decryptKey, readPrivateKeys, sign } = await import('openpgp')
  try {
    const [key] = await readPrivateKeys({ armoredKeys })
    if (!key) throw new GitError('GIT_SIGNATURE', 'no private key in the key ring')
    const signingKey =
      key.isDecrypted() || passphrase === undefined ? key : await decryptKey({ privateKey: key, passphrase })
    const message = await createMessage({ binary: content })
    return await sign({
      message,
      signingKeys: signingKey,
      detached: true,
      format: 'armored',
      date: new Date(now),
    })
  } catch (cause) {
    throw new GitError('GIT_SIGNATURE', 'unable to sign commit', { cause })
  }
}
