import { createHash, type KeyObject, verify } from 'node:crypto'
import { GitError } from '../git-error.ts'
import { parseAuthorizedKeys, type SshPublicKey, sshFingerprint } from '../ssh/ssh-public-key.ts'
import { readSsh, sshString } from '../ssh/ssh-wire.ts'

/** A signature in the form that `ssh-keygen -Y sign` makes. */
export type SshSignature = {
  readonly publicKey: Buffer
  readonly namespace: string
  readonly reserved: Buffer
  readonly hashAlgorithm: string
  readonly signature: Buffer
}

const magic = 'SSHSIG'
const armor = /^-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+?)-----END SSH SIGNATURE-----\s*$/

/**
 * Verifies a signature over `payload` and gives the fingerprint of the key that made it.
 *
 * Source: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 * @param authorizedKeys texts in the form of `authorized_keys`.
 * @throws {GitError} in the words of Flux.
 */
export function verifySshSignature(
  armored: string,
  payload: Uint8Array,
  authorizedKeys: readonly string[],
): string {
  const signature = unarmor(armored)
  const reasons = new Set<string>(['no matching key'])
  let parseError: unknown
  let hasKeys = false
  for (const text of authorizedKeys) {
    try {
      for (const key of parseAuthorizedKeys(text)) {
        hasKeys = true
        const reason = whyNot(signature, payload, key)
        if (reason === undefined) return sshFingerprint(key)
        reasons.add(reason)
      }
    } catch (error) {
      parseError ??= error
    }
  }
  if (!hasKeys && parseError !== undefined) {
    throw new GitError('GIT_SIGNATURE', 'unable to parse authorized keys', { cause: parseError })
  }
  throw new GitError('GIT_SIGNATURE', 'unable to verify payload with any of the given authorized keys', {
    cause: new GitError('GIT_SIGNATURE', [...reasons].join('\n')),
  })
}

/** What a signature of this form is over: not the payload, but its hash and what the signature is for. */
export function sshSignedMessage(
  payload: Uint8Array,
  {
    namespace,
    reserved = Buffer.alloc(0),
    hashAlgorithm,
  }: Pick<SshSignature, 'namespace' | 'hashAlgorithm'> & { readonly reserved?: Buffer },
): Buffer {
  return Buffer.concat([
    Buffer.from(magic),
    sshString(namespace),
    sshString(reserved),
    sshString(hashAlgorithm),
    sshString(createHash(hashAlgorithm).update(payload).digest()),
  ])
}

/** The text of a signature, as Git keeps it in a commit. */
export function armorSshSignature({
  publicKey,
  namespace,
  reserved,
  hashAlgorithm,
  signature,
}: SshSignature): string {
  const version = Buffer.from([0, 0, 0, 1])
  const fields = [publicKey, namespace, reserved, hashAlgorithm, signature].map((it) => sshString(it))
  const lines = Buffer.concat([Buffer.from(magic), version, ...fields])
    .toString('base64')
    .match(/.{1,70}/g)
  return ['-----BEGIN SSH SIGNATURE-----', ...(lines ?? []), '-----END SSH SIGNATURE-----', ''].join('\n')
}

function unarmor(armored: string): SshSignature {
  const encoded = armor.exec(armored.trim())?.[1]
  try {
    const reader = readSsh(Buffer.from(encoded ?? '', 'base64'))
    if (encoded === undefined || reader.raw(magic.length).toString() !== magic) {
      throw new GitError('GIT_SIGNATURE', 'invalid magic preamble')
    }
    const version = reader.uint32()
    if (version !== 1) throw new GitError('GIT_SIGNATURE', `unsupported signature version ${version}`)
    const publicKey = reader.bytes()
    const namespace = reader.text()
    const reserved = reader.bytes()
    const hashAlgorithm = reader.text()
    return { publicKey, namespace, reserved, hashAlgorithm, signature: reader.bytes() }
  } catch (cause) {
    throw new GitError('GIT_SIGNATURE', 'unable to unarmor SSH signature', { cause })
  }
}

function whyNot(signature: SshSignature, payload: Uint8Array, key: SshPublicKey): string | undefined {
  if (signature.namespace !== 'git') return 'sshsig: namespace mismatch'
  const { hashAlgorithm } = signature
  if (hashAlgorithm !== 'sha256' && hashAlgorithm !== 'sha512') return 'sshsig: unsupported hash algorithm'
  if (!key.blob.equals(signature.publicKey)) return 'sshsig: public key does not match'
  const message = sshSignedMessage(payload, signature)
  return isValid(message, signature.signature, key) ? undefined : 'ssh: signature did not verify'
}

function isValid(message: Buffer, blob: Buffer, { key, type, application }: SshPublicKey): boolean {
  const reader = readSsh(blob)
  const format = reader.text()
  const signature = reader.bytes()
  if (application === undefined) return verifyWith(format, message, { key, type, signature })
  if (format !== type) return false
  // A token signs a digest of the message together with its own flags; the first says that a person was there.
  const flags = reader.byte()
  const counter = reader.raw(4)
  if (!(flags & 1)) return false
  const signed = Buffer.concat([sha256(application), Buffer.from([flags]), counter, sha256(message)])
  const plain = type.replace(/^sk-/, '').replace(/@openssh\.com$/, '')
  return verifyWith(plain, signed, { key, type: plain, signature })
}

type Signed = { readonly key: KeyObject; readonly type: string; readonly signature: Buffer }

function verifyWith(format: string, message: Buffer, { key, type, signature }: Signed): boolean {
  switch (format) {
    case 'rsa-sha2-256':
    case 'rsa-sha2-512':
      // SHA-1, the format `ssh-rsa`, is not accepted any more, as in OpenSSH.
      return (
        type === 'ssh-rsa' && verify(format === 'rsa-sha2-256' ? 'sha256' : 'sha512', message, key, signature)
      )
    case 'ssh-ed25519':
      return type === format && verify(undefined, message, key, signature)
    case 'ecdsa-sha2-nistp256':
      return type === format && verifyEcdsa('sha256', message, { key, signature, bytes: 32 })
    case 'ecdsa-sha2-nistp384':
      return type === format && verifyEcdsa('sha384', message, { key, signature, bytes: 48 })
    case 'ecdsa-sha2-nistp521':
      return type === format && verifyEcdsa('sha512', message, { key, signature, bytes: 66 })
    default:
      return false
  }
}

type EcdsaSigned = { readonly key: KeyObject; readonly signature: Buffer; readonly bytes: number }

function verifyEcdsa(hash: string, message: Buffer, { key, signature, bytes }: EcdsaSigned): boolean {
  const reader = readSsh(signature)
  const [r, s] = [reader.integer(), reader.integer()]
  if (r.length > bytes || s.length > bytes) return false
  const pad = (value: Buffer): Buffer => Buffer.concat([Buffer.alloc(bytes - value.length), value])
  const raw = Buffer.concat([pad(r), pad(s)])
  return verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, raw)
}

function sha256(data: Buffer | string): Buffer {
  return createHash('sha256').update(data).digest()
}
