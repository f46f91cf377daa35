import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { GitError } from '../git-error.ts'
import { readableKey } from '../ssh/private-key.ts'
import { isKeyEncrypted, loadSsh } from '../ssh/ssh-connection.ts'
import { sshMpint, sshString } from '../ssh/ssh-wire.ts'
import type { GitSigner } from './signer.ts'
import { armorSshSignature, sshSignedMessage } from './ssh-signature.ts'

/** A private key, with its name and public half in SSH's form. */
type SigningKey = { readonly type: string; readonly publicKey: Buffer; readonly key: KeyObject }

const hashAlgorithm = 'sha512'
const minRsaBits = 2048

const curveHashes: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

/**
 * A signer with an SSH key: Ed25519, ECDSA, or RSA of at least 2048 bits.
 *
 * Source: FEATURES of Flux 2.9, §8; texts of fluxcd/pkg git/signature and golang.org/x/crypto/ssh.
 * @throws {GitError} `GIT_KEY_INVALID`, `GIT_KEY_ENCRYPTED` without the passphrase that it needs, `GIT_KEY_PASSPHRASE`
 *   when that is wrong.
 */
export async function sshSigner(identity: string, passphrase?: string): Promise<GitSigner> {
  const signingKey = await readKey(identity, passphrase)
  checkKind(signingKey)
  return async (content) => {
    const signature = signatureOf(signingKey, sshSignedMessage(content, { namespace: 'git', hashAlgorithm }))
    return armorSshSignature({
      publicKey: signingKey.publicKey,
      namespace: 'git',
      reserved: Buffer.alloc(0),
      hashAlgorithm,
      signature,
    })
  }
}

async function readKey(identity: string, passphrase: string | undefined): Promise<SigningKey> {
  const isEncrypted = await isKeyEncrypted(identity)
  if (isEncrypted && passphrase === undefined) {
    throw new GitError('GIT_KEY_ENCRYPTED', 'SSH signing key is encrypted; passphrase required')
  }
  const { utils } = await loadSsh()
  const wrong = isEncrypted
    ? new GitError('GIT_KEY_PASSPHRASE', 'x509: decryption password incorrect')
    : new GitError('GIT_KEY_INVALID', 'ssh: no key found')
  try {
    const readable = readableKey(identity, passphrase)
    const parsed = utils.parseKey(readable.privateKey, readable.passphrase)
    if (parsed instanceof Error || !parsed.isPrivateKey()) throw wrong
    return {
      type: parsed.type,
      publicKey: parsed.getPublicSSH(),
      key: createPrivateKey(parsed.getPrivatePEM()),
    }
  } catch {
    // What OpenSSL says of a key is no help, and it must not say more.
    throw wrong
  }
}

function checkKind({ type, key }: SigningKey): void {
  if (type === 'ssh-ed25519' || Object.hasOwn(curveHashes, type)) return
  if (type !== 'ssh-rsa') {
    throw new GitError('GIT_KEY_INVALID', `unsupported SSH signing key algorithm: ${type}`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < minRsaBits) {
    throw new GitError(
      'GIT_KEY_INVALID',
      `RSA key size ${bits} bits is below the minimum supported by NewSSHSigner; must be at least ${minRsaBits}`,
    )
  }
}

/** The signature in SSH's form, which names its own format. */
function signatureOf({ type, key }: SigningKey, message: Uint8Array): Buffer {
  if (type === 'ssh-rsa') {
    return Buffer.concat([sshString('rsa-sha2-512'), sshString(sign('sha512', message, key))])
  }
  const hash = curveHashes[type]
  if (hash === undefined) return Buffer.concat([sshString(type), sshString(sign(undefined, message, key))])
  const raw = sign(hash, message, { key, dsaEncoding: 'ieee-p1363' })
  const half = raw.length / 2
  const numbers = [raw.subarray(0, half), raw.subarray(half)].map(sshMpint)
  return Buffer.concat([sshString(type), sshString(Buffer.concat(numbers))])
}
