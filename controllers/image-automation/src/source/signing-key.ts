import { readSecret, type Secret, secretText } from '@sluice/access'
import type { Cluster } from '@sluice/cluster'
import { GitError, type GitSigner, pgpSigner, sshSigner } from '@sluice/git'
import { ToolkitError } from '@sluice/ports'
import type { ImageUpdateAutomationSpec } from '@sluice/toolkit'

type SigningKey = NonNullable<NonNullable<ImageUpdateAutomationSpec['git']>['commit']['signingKey']>

/** A key to sign commits with cannot be used. */
export class SigningKeyError extends ToolkitError {
  override readonly name = 'SigningKeyError'

  constructor(message: string, options?: ErrorOptions) {
    super('SIGNING_KEY_INVALID', message, options)
  }
}

/** Keys of the Secret that hold the private key and its passphrase. */
const secretKeys = {
  gpg: { key: 'git.asc', passphrase: 'passphrase', article: 'a' },
  ssh: { key: 'identity', passphrase: 'password', article: 'an' },
} as const

/**
 * The signer that `spec.git.commit.signingKey` asks for.
 *
 * Source: FEATURES of Flux 2.9, §8; fluxcd/image-automation-controller, internal/source.
 * @throws {SigningKeyError} in Flux's words
 */
export async function signerOf(
  { secretRef: { name }, type = 'gpg' }: SigningKey,
  {
    cluster,
    namespace,
    signal,
  }: { readonly cluster: Cluster; readonly namespace: string; readonly signal: AbortSignal },
): Promise<GitSigner> {
  const secret = await read(cluster, { namespace, name, signal })
  const keys = secretKeys[type]
  const passphrase = secretText(secret, keys.passphrase)
  if (!secret.data.has(keys.key)) {
    throw new SigningKeyError(
      `signing key secret '${name}' does not contain ${keys.article} '${keys.key}' key`,
    )
  }
  const text = secretText(secret, keys.key) ?? ''
  try {
    return type === 'gpg' ? await pgpSigner(text, passphrase) : await sshSigner(text, passphrase)
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw explain(error, { name, type })
  }
}

async function read(
  cluster: Cluster,
  { namespace, name, signal }: { namespace: string; name: string; signal: AbortSignal },
): Promise<Secret> {
  try {
    return await readSecret(cluster, { namespace, name }, { signal })
  } catch (error) {
    // Flux names the Secret once.
    const cause = error instanceof ToolkitError && error.cause !== undefined ? error.cause : error
    throw new SigningKeyError(`could not find signing key secret '${name}'`, { cause })
  }
}

function explain(
  cause: GitError,
  { name, type }: { readonly name: string; readonly type: 'gpg' | 'ssh' },
): SigningKeyError {
  switch (cause.code) {
    case 'GIT_KEY_ENCRYPTED':
      return new SigningKeyError(
        `can not use passphrase protected signing key without '${secretKeys[type].passphrase}' field present in secret ${name}`,
      )
    case 'GIT_KEY_AMBIGUOUS':
      return new SigningKeyError(
        `multiple entities read from secret '${name}', could not determine which signing key to use`,
      )
    default:
      return unusable(cause, { name, type })
  }
}

function unusable(
  cause: GitError,
  { name, type }: { readonly name: string; readonly type: 'gpg' | 'ssh' },
): SigningKeyError {
  if (type === 'gpg') {
    const what =
      cause.code === 'GIT_KEY_PASSPHRASE'
        ? `could not decrypt private key of the signing key present in secret ${name}`
        : `could not read signing key from secret '${name}'`
    return new SigningKeyError(what, { cause })
  }
  return new SigningKeyError(
    `could not parse SSH signing key from secret '${name}': could not parse SSH signing key`,
    {
      cause,
    },
  )
}
