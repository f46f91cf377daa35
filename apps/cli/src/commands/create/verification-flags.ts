import type { JsonObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import { given, nameReference } from './creation.ts'

/** Flags about the signatures of what a source fetches. */
export type VerificationFlags = {
  readonly verifyProvider?: string
  readonly verifySecretRef?: string
  readonly verifySubject?: string
  readonly verifyIssuer?: string
}

export function addVerificationFlags(command: Command): void {
  command
    .option('--verify-provider <provider>', 'who verifies signatures, such as cosign')
    .option('--verify-secret-ref <name>', 'Secret with public keys')
    .option('--verify-subject <pattern>', 'regular expression for the subject of keyless signatures')
    .option('--verify-issuer <pattern>', 'regular expression for the issuer of keyless signatures')
}

/** `spec.verify`; nothing when it is not asked for. @throws {CliError} for flags that need a provider. */
export function verification(flags: VerificationFlags): JsonObject | undefined {
  const { verifyProvider, verifySecretRef, verifyIssuer: issuer, verifySubject: subject } = flags
  if (verifyProvider) {
    return given({
      provider: verifyProvider,
      secretRef: nameReference(verifySecretRef),
      matchOIDCIdentity: issuer || subject ? [{ issuer: issuer ?? '', subject: subject ?? '' }] : undefined,
    })
  }
  if (verifySecretRef) {
    throw new CliError('a verification provider must be specified when a secret is specified')
  }
  if (issuer || subject) {
    throw new CliError('a verification provider must be specified when OIDC issuer/subject is specified')
  }
  return undefined
}
