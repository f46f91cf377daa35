import { GitError } from '../git-error.ts'
import type { Commit, Tag } from '../objects/commit.ts'
import { verifyPgpSignature } from './pgp-signature.ts'
import { verifySshSignature } from './ssh-signature.ts'

/** Public keys that signatures may be made with. */
export type TrustedKeys = {
  /** Armoured OpenPGP keys. */
  readonly keyRings: readonly string[]
  /** Texts in the form of `authorized_keys`. */
  readonly authorizedKeys: readonly string[]
}

export type SignatureFormat = 'openpgp' | 'ssh' | 'x509' | 'empty' | 'unknown'

/** What kind of signature a text is. */
export function signatureFormatOf(signature: string | undefined): SignatureFormat {
  const text = signature?.trim() ?? ''
  if (text === '') return 'empty'
  if (/^-----BEGIN PGP (?:SIGNATURE|MESSAGE)-----/.test(text)) return 'openpgp'
  if (text.startsWith('-----BEGIN SSH SIGNATURE-----')) return 'ssh'
  return text.startsWith('-----BEGIN SIGNED MESSAGE-----') ? 'x509' : 'unknown'
}

/**
 * Verifies the signature of a commit or tag and gives what identifies the key: an OpenPGP key id or an SSH fingerprint.
 *
 * @param options `now` is in milliseconds since the epoch.
 * @throws {GitError} in the words of Flux.
 */
export async function verifyGitObject(
  object: Commit | Tag,
  keys: TrustedKeys,
  { now }: { readonly now: number },
): Promise<string> {
  const { signature = '', signedContent } = object
  const name = 'tree' in object ? 'Git commit' : 'Git tag'
  const format = signatureFormatOf(signature)
  switch (format) {
    case 'openpgp':
      if (keys.keyRings.length === 0) throw noKeys('PGP', '.asc')
      return explained(`unable to verify ${name}`, () =>
        verifyPgpSignature(signature, signedContent, { keyRings: keys.keyRings, now }),
      )
    case 'ssh':
      if (keys.authorizedKeys.length === 0) throw noKeys('SSH', '.sshpub')
      return explained(`unable to verify ${name} SSH signature`, async () =>
        verifySshSignature(signature, signedContent, keys.authorizedKeys),
      )
    case 'x509':
    case 'empty':
    case 'unknown':
      throw new GitError('GIT_SIGNATURE', `unsupported signature type: ${format}`)
  }
}

async function explained(message: string, work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (cause) {
    throw new GitError('GIT_SIGNATURE', message, { cause })
  }
}

function noKeys(kind: 'PGP' | 'SSH', suffix: string): GitError {
  return new GitError(
    'GIT_SIGNATURE',
    `${kind} signature detected but no ${kind} public keys found in secret (keys with ${suffix} suffix)`,
  )
}
