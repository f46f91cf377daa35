import type { PrivateKey } from 'openpgp'
import { GitError } from '../git-error.ts'
import type { GitSigner } from './signer.ts'

/**
 * A signer with an OpenPGP key.
 *
 * @param armoredKeys a key ring with the private key alone
 * @throws {GitError} `GIT_KEY_INVALID`, `GIT_KEY_AMBIGUOUS` when there are several, `GIT_KEY_ENCRYPTED` without the
 *   passphrase that it needs, `GIT_KEY_PASSPHRASE` when that is wrong. The texts are those of Go's OpenPGP.
 */
export async function pgpSigner(armoredKeys: string, passphrase?: string): Promise<GitSigner> {
  // Loaded when first needed: it is large.
  const { createMessage, sign } = await import('openpgp')
  const signingKeys = await unlocked(await onlyKey(armoredKeys), passphrase)
  return async (content, { now }) => {
    try {
      const message = await createMessage({ binary: content })
      return await sign({ message, signingKeys, detached: true, format: 'armored', date: new Date(now) })
    } catch (cause) {
      throw new GitError('GIT_SIGNATURE', 'unable to sign commit', { cause })
    }
  }
}

async function onlyKey(armoredKeys: string): Promise<PrivateKey> {
  const { readKeys } = await import('openpgp')
  if (!/^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/m.test(armoredKeys)) {
    throw new GitError('GIT_KEY_INVALID', 'openpgp: invalid argument: no armored data found')
  }
  let keys: Awaited<ReturnType<typeof readKeys>>
  try {
    keys = await readKeys({ armoredKeys })
  } catch {
    // What the library says of a key is no help, and it must not say more.
    throw new GitError('GIT_KEY_INVALID', 'openpgp: invalid data: malformed key')
  }
  const [key, ...others] = keys
  if (!key) throw new GitError('GIT_KEY_INVALID', 'openpgp: invalid argument: no armored data found')
  if (others.length > 0) throw new GitError('GIT_KEY_AMBIGUOUS', 'multiple entities')
  if (!key.isPrivate()) throw new GitError('GIT_KEY_INVALID', 'no private key in the key ring')
  return key
}

async function unlocked(key: PrivateKey, passphrase: string | undefined): Promise<PrivateKey> {
  if (key.isDecrypted()) return key
  if (passphrase === undefined) throw new GitError('GIT_KEY_ENCRYPTED', 'the private key is encrypted')
  const { decryptKey } = await import('openpgp')
  try {
    return await decryptKey({ privateKey: key, passphrase })
  } catch {
    throw new GitError('GIT_KEY_PASSPHRASE', 'openpgp: invalid data: private key checksum failure')
  }
}
