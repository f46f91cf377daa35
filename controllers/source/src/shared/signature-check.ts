import { readSecret, type Secret, SecretError, secretText } from '@sluice/access'
import type { Cluster } from '@sluice/cluster'
import { ToolkitError } from '@sluice/ports'
import type { SignatureCheck } from '@sluice/signatures'
import type { OciVerification } from '@sluice/toolkit'

const policyKey = 'trustpolicy.json'
const pem = /-----BEGIN [^-]+-----[\s\S]+?-----END /
const trustedRootKey = 'trusted_root.json'

/** Where the Secrets of a verification are. */
export type CheckPlace = {
  readonly namespace: string
  /** What is verified, as messages name it. */
  readonly subject: string
  readonly signal: AbortSignal
}

/** What `spec.verify` asks for, with what its Secrets hold. @throws {SecretError} */
export async function signatureCheckOf(
  cluster: Cluster,
  { provider, secretRef, matchOIDCIdentity = [], trustedRootSecretRef }: OciVerification,
  { namespace, subject, signal }: CheckPlace,
): Promise<SignatureCheck> {
  const read = async (name: string): Promise<Secret> => {
    try {
      return await readSecret(cluster, { namespace, name }, { signal })
    } catch (error) {
      // The message begins with what the API server said.
      throw error instanceof SecretError && error.cause instanceof ToolkitError ? error.cause : error
    }
  }
  if (provider === 'notation') {
    if (!secretRef) throw new SecretError(`verification secret cannot be empty: '${subject}'`)
    return notationCheck(await read(secretRef.name))
  }
  if (secretRef) return { kind: 'cosign', publicKeys: keysOf(await read(secretRef.name)) }
  if (!trustedRootSecretRef) {
    throw new SecretError("a trusted root is required: 'trustedRootSecretRef' names the Secret that has it")
  }
  const trustedRoot = await readTrustedRoot(`${namespace}/${trustedRootSecretRef.name}`, () =>
    read(trustedRootSecretRef.name),
  )
  return { kind: 'keyless', trustedRoot, identities: matchOIDCIdentity }
}

/** How the check is named in messages. */
export function checkName({ provider, secretRef }: OciVerification): string {
  return provider === 'cosign' && !secretRef ? `${provider} keyless` : provider
}

async function readTrustedRoot(reference: string, read: () => Promise<Secret>): Promise<string> {
  try {
    const secret = await read()
    const trustedRoot = secretText(secret, trustedRootKey)
    if (trustedRoot === undefined) throw missing(secret, trustedRootKey)
    return trustedRoot
  } catch (cause) {
    throw new SecretError(`failed to read trusted root from secret '${reference}'`, { cause })
  }
}

function notationCheck(secret: Secret): SignatureCheck {
  const trustPolicy = secretText(secret, policyKey)
  if (trustPolicy === undefined) throw missing(secret, policyKey)
  const certificates = [...secret.data].flatMap(([name, value]) =>
    /\.(?:crt|pem)$/.test(name) ? [value] : [],
  )
  if (certificates.length === 0) {
    throw new SecretError(`no certificates found in secret '${secret.reference}'`)
  }
  return { kind: 'notation', trustPolicy, certificates }
}

/** The keys of a Secret. One that cannot be read is no matter while another can. */
function keysOf({ data }: Secret): readonly string[] {
  const keys = [...data].flatMap(([name, value]) =>
    name.endsWith('.pub') ? [new TextDecoder().decode(value)] : [],
  )
  if (keys.length > 0 && !keys.some((key) => pem.test(key))) throw new SecretError('PEM decoding failed')
  return keys
}

function missing({ reference }: Secret, key: string): SecretError {
  return new SecretError(`'${key}' not found in secret '${reference}'`)
}
