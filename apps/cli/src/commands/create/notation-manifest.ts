import { basename } from 'node:path'
import { errorChain, type KubeObject, ToolkitError } from '@sluice/ports'
import { checkTrustPolicy } from '@sluice/signatures'
import { CliError } from '../../cli-error.ts'
import { fileText, verificationSecret } from './secret-manifests.ts'

export type NotationFlags = {
  readonly namespace: string
  readonly labels?: Readonly<Record<string, string>>
  readonly trustPolicyFile?: string
  readonly caCertFile?: readonly string[]
}

/** A Secret with the certificates and the trust policy for signatures of notation. @throws {CliError} */
export function notationManifest(
  name: string,
  { namespace, labels, trustPolicyFile, caCertFile = [] }: NotationFlags,
): KubeObject {
  if (caCertFile.length === 0) throw new CliError('--ca-cert-file is required')
  if (!trustPolicyFile) throw new CliError('--trust-policy-file is required')
  const policy = fileText(trustPolicyFile, 'unable to read trust policy file')
  try {
    checkTrustPolicy(policy)
  } catch (cause) {
    if (cause instanceof ToolkitError) {
      throw new CliError(`invalid trust policy: ${errorChain(cause)}`, { cause })
    }
    throw cause
  }
  const certificates = caCertFile.map((path) => {
    const file = basename(path)
    if (!/\.(?:crt|pem)$/.test(file)) throw new CliError(`${file} must end with either .crt or .pem`)
    return [file, fileText(path, 'unable to read TLS CA file')] as const
  })
  const data = { ...Object.fromEntries(certificates), 'trustpolicy.json': policy }
  return verificationSecret(name, { namespace, ...(labels && { labels }), data })
}
