import { createPrivateKey, type KeyObject } from 'node:crypto'
import { GitError } from '../git-error.ts'
import { sshString } from './ssh-wire.ts'

const pkcs8 = /^\s*-----BEGIN (?<encrypted>ENCRYPTED )?PRIVATE KEY-----/

/** A private key in a form that ssh2 reads; `passphrase` is absent when it has been used up. */
export type ReadableKey = { readonly privateKey: string; readonly passphrase?: string }

/**
 * A key in PKCS #8, which is what `flux create secret git` and `flux bootstrap` write, in the form of its kind: ssh2
 * does not read PKCS #8 (RFC 5958). Every other form is let be.
 *
 * @throws {GitError} when the key cannot be read, or is of a kind that SSH has not.
 */
export function readableKey(identity: string, passphrase?: string): ReadableKey {
  if (!pkcs8.test(identity)) {
    return { privateKey: identity, ...(passphrase !== undefined && { passphrase }) }
  }
  const key = decode(identity, passphrase)
  const kind = key.asymmetricKeyType
  if (kind === 'rsa') return { privateKey: key.export({ type: 'pkcs1', format: 'pem' }).toString() }
  if (kind === 'ec') return { privateKey: key.export({ type: 'sec1', format: 'pem' }).toString() }
  if (kind === 'ed25519') return { privateKey: openSshEd25519(key) }
  throw unreadable(`keys of the kind ${kind ?? 'unknown'} are not supported`)
}

/** Whether it is a key in PKCS #8 under a passphrase. */
export function isEncryptedPkcs8(identity: string): boolean {
  return pkcs8.exec(identity)?.groups?.['encrypted'] !== undefined
}

function decode(identity: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: identity, format: 'pem', ...(passphrase !== undefined && { passphrase }) })
  } catch {
    // What OpenSSL says of a key is no help, and it must not say more.
    throw unreadable('it is malformed, or the passphrase is wrong')
  }
}

function unreadable(reason: string): GitError {
  return new GitError('GIT_SSH', `ssh: the private key cannot be read: ${reason}`)
}

/** PKCS #8 is the only PEM form of Ed25519; this is the other one (OpenSSH's PROTOCOL.key). */
function openSshEd25519(key: KeyObject): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const publicBytes = Buffer.from(x, 'base64url')
  const type = sshString('ssh-ed25519')
  // The two equal numbers show a wrong passphrase; without one they may be any.
  const secret = Buffer.concat([
    Buffer.alloc(8),
    type,
    sshString(publicBytes),
    sshString(Buffer.concat([Buffer.from(d, 'base64url'), publicBytes])),
    sshString(''),
  ])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8))
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    Buffer.from([0, 0, 0, 1]),
    sshString(Buffer.concat([type, sshString(publicBytes)])),
    sshString(Buffer.concat([secret, padding])),
  ])
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}
