import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { GitError } from '../git-error.ts'
import { knownHostName } from './known-hosts.ts'
import { readableKey } from './private-key.ts'
import { loadSsh, type SshOptions, sshAddress } from './ssh-connection.ts'
import { readSsh } from './ssh-wire.ts'

/** Kinds of keys to create. RSA wants its length in bits, ECDSA its curve. */
export type SshKeyKind =
  | { readonly algorithm: 'rsa'; readonly bits: number }
  | { readonly algorithm: 'ecdsa'; readonly curve: 'p256' | 'p384' | 'p521' }
  | { readonly algorithm: 'ed25519' }

/** A new private key in PKCS #8, PEM. */
export async function createSshKey(kind: SshKeyKind): Promise<string> {
  const generate = promisify(generateKeyPair)
  let privateKey: KeyObject
  if (kind.algorithm === 'rsa') ({ privateKey } = await generate('rsa', { modulusLength: kind.bits }))
  else if (kind.algorithm === 'ecdsa') {
    ;({ privateKey } = await generate('ec', { namedCurve: kind.curve.replace('p', 'P-') }))
  } else ({ privateKey } = await generate('ed25519', {}))
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The line of `authorized_keys` that belongs to a private key. @throws {GitError} when it cannot be read. */
export async function publicKeyOf(identity: string, passphrase?: string): Promise<string> {
  const { utils } = await loadSsh()
  const key = readableKey(identity, passphrase)
  const parsed = utils.parseKey(key.privateKey, key.passphrase)
  if (parsed instanceof Error) {
    throw new GitError('GIT_SSH', `ssh: the private key cannot be read: ${parsed.message}`)
  }
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}\n`
}

/**
 * Asks a server for its key, and trusts what answers.
 *
 * @returns a line of `known_hosts`.
 * @throws {GitError} when no server of SSH answers in time.
 */
export async function scanHostKey(url: string, { signal, timeoutMs }: SshOptions): Promise<string> {
  const { Client: SshClient } = await loadSsh()
  const { host, port } = sshAddress(url)
  const client = new SshClient()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const stop = (): void => {
    client.destroy()
  }
  limit.addEventListener('abort', stop, { once: true })
  try {
    const key = await new Promise<Buffer>((resolve, reject) => {
      client.on('error', reject)
      client.once('close', () => reject(new Error('no key within the time')))
      client.connect({
        host,
        port,
        username: 'git',
        readyTimeout: timeoutMs,
        hostVerifier: (blob: Buffer) => {
          resolve(blob)
          return false
        },
      })
    })
    return `${knownHostName(host, port)} ${readSsh(key).text()} ${key.toString('base64')}\n`
  } catch (cause) {
    throw new GitError('GIT_SSH', `SSH key scan for host '${host}' failed`, { cause })
  } finally {
    limit.removeEventListener('abort', stop)
    client.destroy()
  }
}
