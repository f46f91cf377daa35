import { createSshKey, publicKeyOf, type SshKeyKind, scanHostKey } from '@sluice/git'
import { type Command, Option } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { fileText } from './secret-manifests.ts'

/** Flags that say which key is used over SSH. */
export type SshFlags = {
  readonly privateKeyFile?: string
  readonly sshKeyAlgorithm?: 'rsa' | 'ecdsa' | 'ed25519'
  readonly sshRsaBits?: number
  readonly sshEcdsaCurve?: 'p256' | 'p384' | 'p521'
}

/** What a Git client needs over SSH, as texts of a Secret. */
export type SshCredentials = {
  /** Private key in PEM. */
  readonly identity: string
  /** A line of `authorized_keys`. */
  readonly publicKey: string
  /** Lines of `known_hosts`. */
  readonly knownHosts: string
  readonly passphrase?: string
}

export function addSshKeyFlags(command: Command): Command {
  return command
    .option('--private-key-file <path>', 'private key for SSH; --password is its passphrase')
    .addOption(
      new Option('--ssh-key-algorithm <name>', 'kind of the key that is created for SSH')
        .choices(['rsa', 'ecdsa', 'ed25519'])
        .default('ecdsa'),
    )
    .option('--ssh-rsa-bits <n>', 'length of an RSA key, a multiple of 8', Number, 2048)
    .addOption(
      new Option('--ssh-ecdsa-curve <name>', 'curve of an ECDSA key')
        .choices(['p256', 'p384', 'p521'])
        .default('p384'),
    )
}

/** Creates a key unless a file has one, and trusts the key that the server shows. @throws {CliError} {@link GitError} */
export async function sshCredentials(
  url: string,
  { privateKeyFile, password, timeoutMs, ...kind }: SshFlags & { password?: string; timeoutMs: number },
  { signal }: Pick<CommandContext, 'signal'>,
): Promise<SshCredentials> {
  const identity = privateKeyFile
    ? fileText(privateKeyFile, 'unable to read private key file')
    : await createSshKey(keyKind(kind))
  const passphrase = privateKeyFile ? password : undefined
  const publicKey = await publicKeyOf(identity, passphrase)
  const knownHosts = await scanHostKey(url, { signal, timeoutMs })
  return { identity, publicKey, knownHosts, ...(passphrase && { passphrase }) }
}

/** @throws {CliError} for a length that RSA keys cannot have. */
function keyKind({ sshKeyAlgorithm, sshRsaBits = 2048, sshEcdsaCurve = 'p384' }: SshFlags): SshKeyKind {
  if (sshKeyAlgorithm === 'ed25519') return { algorithm: 'ed25519' }
  if (sshKeyAlgorithm !== 'rsa') return { algorithm: 'ecdsa', curve: sshEcdsaCurve }
  if (!(sshRsaBits >= 1024 && sshRsaBits <= 16_384 && sshRsaBits % 8 === 0)) {
    throw new CliError(`RSA keys have from 1024 to 16384 bits, in steps of 8; not ${sshRsaBits}`)
  }
  return { algorithm: 'rsa', bits: sshRsaBits }
}
