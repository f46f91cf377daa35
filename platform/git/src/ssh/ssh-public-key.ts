import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { GitError } from '../git-error.ts'
import { readSsh, type SshReader } from './ssh-wire.ts'

/** A public key of SSH. For keys on a token, `application` is what the token is asked for. */
export type SshPublicKey = {
  readonly type: string
  /** The key in SSH's form, as it stands in `authorized_keys`. */
  readonly blob: Buffer
  readonly key: KeyObject
  readonly application: string | undefined
}

/** Curves by their name in SSH, with JSON Web Key's name and the length of a coordinate. */
const curves: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  nistp256: { name: 'P-256', bytes: 32 },
  nistp384: { name: 'P-384', bytes: 48 },
  nistp521: { name: 'P-521', bytes: 66 },
}

/** @throws {GitError} when it is malformed or of a kind that is not known. */
export function parseSshPublicKey(blob: Buffer): SshPublicKey {
  const reader = readSsh(blob)
  const type = reader.text()
  const key = importKey(type, reader)
  const application = type.startsWith('sk-') ? reader.text() : undefined
  return { type, blob, key, application }
}

/** `SHA256:…`, as OpenSSH shows keys. */
export function sshFingerprint({ blob }: Pick<SshPublicKey, 'blob'>): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/**
 * The keys of an `authorized_keys` file. Options before a key are let be.
 *
 * @throws {GitError} when a line has no key.
 */
export function parseAuthorizedKeys(text: string): readonly SshPublicKey[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseLine)
}

function parseLine(line: string): SshPublicKey {
  const match = /(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/]+=*)/.exec(line)
  if (!match) {
    const cause = new GitError('GIT_SIGNATURE', 'ssh: no key found')
    throw new GitError('GIT_SIGNATURE', 'unable to parse authorized key', { cause })
  }
  return parseSshPublicKey(Buffer.from(match[2] ?? '', 'base64'))
}

function importKey(type: string, reader: SshReader): KeyObject {
  try {
    return createPublicKey({ key: webKeyOf(type, reader), format: 'jwk' })
  } catch (cause) {
    if (cause instanceof GitError) throw cause
    throw new GitError('GIT_SIGNATURE', `ssh: malformed ${type} key`, { cause })
  }
}

function webKeyOf(type: string, reader: SshReader): Record<string, string> {
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com':
      return { kty: 'OKP', crv: 'Ed25519', x: encode(reader.bytes()) }
    case 'ssh-rsa': {
      const e = encode(reader.integer())
      return { kty: 'RSA', e, n: encode(reader.integer()) }
    }
    default: {
      const curve = /^(?:sk-)?ecdsa-sha2-(nistp\d+)(?:@openssh\.com)?$/.test(type)
        ? curves[reader.text()]
        : undefined
      if (!curve) throw new GitError('GIT_SIGNATURE', `ssh: unknown key algorithm: ${type}`)
      const point = reader.bytes()
      // Only the uncompressed form of a point is in use.
      if (point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) {
        throw new GitError('GIT_SIGNATURE', `ssh: malformed ${type} key`)
      }
      const x = encode(point.subarray(1, 1 + curve.bytes))
      return { kty: 'EC', crv: curve.name, x, y: encode(point.subarray(1 + curve.bytes)) }
    }
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url')
}
