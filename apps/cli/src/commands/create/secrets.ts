import { randomBytes } from 'node:crypto'
import type { JsonObject, KubeObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal } from '../../command-context.ts'
import { commaSeparated } from '../../flags.ts'
import { manifestText } from '../../output/export-text.ts'
import { statusLines } from '../../output/terminal.ts'
import { addCreateCommand, type CreateFlags, upsert } from './creation.ts'
import { notationManifest } from './notation-manifest.ts'
import {
  type Credentials,
  fileText,
  githubAppSecret,
  gitSecret,
  helmSecret,
  proxySecret,
  receiverSecret,
  registrySecret,
  sshSecret,
  tlsSecret,
} from './secret-manifests.ts'
import { addSshKeyFlags, type SshFlags, sshCredentials } from './ssh-credentials.ts'

type Flags = SshFlags & {
  readonly url?: string
  readonly address?: string
  readonly username?: string
  readonly password?: string
  readonly bearerToken?: string
  readonly caCrtFile?: string
  readonly tlsCrtFile?: string
  readonly tlsKeyFile?: string
  readonly appId?: string
  readonly appInstallationOwner?: string
  readonly appInstallationId?: string
  readonly appPrivateKey?: string
  readonly appBaseUrl?: string
  readonly trustPolicyFile?: string
  readonly caCertFile?: readonly string[]
  readonly type?: string
  readonly token?: string
  readonly hostname?: string
  readonly emailClaim?: string
  readonly audienceClaim?: string
}

type SecretKind = {
  readonly word: string
  readonly description: string
  readonly make: (
    name: string,
    flags: CreateFlags & Flags,
    context: CommandContext,
  ) => KubeObject | Promise<KubeObject>
  readonly options: (command: Command) => Command
  /** What it is called when it is there; `word` when absent. */
  readonly title?: string
  /** Flux prints an empty line after the manifest, except here. */
  readonly compact?: true
}

const basic = (command: Command): Command =>
  command
    .option('-u, --username <name>', 'user for basic authentication')
    .option('-p, --password <password>', 'password for basic authentication')
const authority = (command: Command): Command =>
  command.option('--ca-crt-file <path>', 'certificate authority of the server')
const client = (command: Command): Command =>
  authority(command)
    .option('--tls-crt-file <path>', 'certificate of the client')
    .option('--tls-key-file <path>', 'key of the client')

const receiverTypes = [
  'generic',
  'generic-hmac',
  'github',
  'gitlab',
  'bitbucket',
  'harbor',
  'dockerhub',
  'quay',
  'gcr',
  'nexus',
  'acr',
  'cdevents',
] as const

const kinds: readonly SecretKind[] = [
  {
    word: 'git',
    description: 'for a Git repository',
    make: gitManifest,
    options: (command) =>
      addSshKeyFlags(
        authority(basic(command))
          .option('--url <url>', 'address of the repository')
          .option('--bearer-token <token>', 'token instead of user and password'),
      ),
  },
  {
    word: 'githubapp',
    description: 'with the credentials of a GitHub App',
    make: githubAppManifest,
    options: (command) =>
      command
        .option('--app-id <id>', 'number of the app')
        .option('--app-installation-owner <name>', 'organization or user that installed the app')
        .option('--app-installation-id <id>', 'number of the installation, instead of its owner')
        .option('--app-private-key <path>', 'file with the private key of the app (PEM)')
        .option('--app-base-url <url>', 'address of a GitHub Enterprise server'),
  },
  {
    word: 'helm',
    description: 'for a Helm repository',
    make: (name, flags) => helmSecret(name, credentials(flags)),
    options: (command) => client(basic(command)),
  },
  {
    word: 'oci',
    description: 'for pulling from a registry',
    make: registryManifest,
    options: (command) => basic(command).option('--url <address>', 'registry, such as ghcr.io/org/charts'),
  },
  {
    word: 'tls',
    description: 'with TLS certificates',
    make: (name, flags) => tlsSecret(name, credentials(flags)),
    options: client,
    compact: true,
  },
  {
    word: 'proxy',
    description: 'for a proxy',
    make: proxyManifest,
    options: (command) => basic(command).option('--address <url>', 'address of the proxy'),
  },
  {
    word: 'notation',
    title: 'notation configuration',
    description: 'for verifying signatures of notation',
    make: notationManifest,
    options: (command) =>
      command
        .option('--trust-policy-file <path>', 'file with the trust policy')
        .option('--ca-cert-file <path>', 'certificate of an authority, .crt or .pem', commaSeparated, []),
  },
  {
    word: 'receiver',
    description: 'for the webhook of a Receiver',
    make: receiverManifest,
    options: (command) =>
      command
        .option('--type <type>', `who calls the webhook: ${receiverTypes.join(', ')}`)
        .option('--token <text>', 'token of the webhook; made anew when absent')
        .option('--hostname <name>', 'host in the address of webhooks')
        .option('--email-claim <address>', 'service account that calls, for the type gcr')
        .option('--audience-claim <text>', 'audience of its tokens; the address of the webhook when absent'),
  },
]

export function addCreateSecrets(group: Command, context: CommandContext): void {
  for (const { word, title = word, description, make, options, compact } of kinds) {
    options(
      addCreateCommand<Flags>(group, `secret ${word}`, {
        context,
        description: `create or update a Secret ${description}`,
        action: async (name, { flags }) => {
          const manifest = await make(name, flags, context)
          if (flags.export) {
            context.terminal.out(`${manifestText(manifest as JsonObject)}${compact ? '' : '\n'}`)
            return
          }
          const { cluster } = await context.connect(flags)
          const signal = commandSignal(context, flags)
          const secrets = await cluster.resourceFor('v1', 'Secret', { signal })
          await upsert(cluster, secrets, { object: manifest, signal })
          statusLines(context.terminal).action(
            `${title} secret '${name}' created in '${flags.namespace}' namespace`,
          )
        },
      }),
    )
  }
}

/** @throws {CliError} when the flags do not go together. */
function gitManifest(
  name: string,
  flags: CreateFlags & Flags,
  context: CommandContext,
): KubeObject | Promise<KubeObject> {
  if (!flags.url) throw new CliError('url is required')
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(flags.url) ?? []
  if (scheme === 'ssh') return sshManifest(name, flags, context)
  if (scheme !== 'http' && scheme !== 'https') {
    throw new CliError(`git URL scheme '${scheme}' not supported, can be: ssh, http and https`)
  }
  const hasUser = Boolean(flags.username && flags.password)
  if (!hasUser && !flags.bearerToken) {
    throw new CliError('for Git over HTTP/S the username and password, or a bearer token is required')
  }
  if (hasUser && flags.bearerToken) {
    throw new CliError('user credentials and bearer token cannot be used together')
  }
  const manifest = gitSecret(name, credentials(flags))
  if (!manifest) throw new CliError('there are no credentials')
  return manifest
}

/** @throws {CliError} {@link GitError} */
async function sshManifest(
  name: string,
  flags: CreateFlags & Flags,
  context: CommandContext,
): Promise<KubeObject> {
  const { url = '', namespace, labels } = flags
  const keyCredentials = await sshCredentials(url, flags, context)
  if (!flags.export) {
    statusLines(context.terminal).generate(`deploy key: ${keyCredentials.publicKey.trim()}`)
  }
  return sshSecret(name, { namespace, labels, ...keyCredentials })
}

/** @throws {CliError} when something needed is not given, or the key cannot be read. */
function githubAppManifest(name: string, flags: CreateFlags & Flags): KubeObject {
  const { namespace, labels, appId, appInstallationOwner, appInstallationId, appPrivateKey, appBaseUrl } =
    flags
  if (!appId) throw new CliError('--app-id is required')
  if (Boolean(appInstallationOwner) === Boolean(appInstallationId)) {
    throw new CliError('either --app-installation-owner or --app-installation-id is required')
  }
  if (!appPrivateKey) throw new CliError('--app-private-key is required')
  return githubAppSecret(name, {
    namespace,
    labels,
    id: appId,
    ...(appInstallationOwner && { installationOwner: appInstallationOwner }),
    ...(appInstallationId && { installationId: appInstallationId }),
    privateKey: fileText(appPrivateKey, 'unable to read private key file'),
    ...(appBaseUrl && { baseUrl: appBaseUrl }),
  })
}

/** @throws {CliError} when something needed is not given. */
function registryManifest(
  name: string,
  { url, username, password, namespace }: CreateFlags & Flags,
): KubeObject {
  if (!url) throw new CliError('--url is required')
  if (!username) throw new CliError('--username is required')
  if (!password) throw new CliError('--password is required')
  return registrySecret(name, { registry: url, username, password, namespace })
}

/** @throws {CliError} without an address. */
function proxyManifest(name: string, flags: CreateFlags & Flags): KubeObject {
  const { address, username, password, namespace, labels } = flags
  if (!address) throw new CliError('address is required')
  return proxySecret(name, {
    address,
    namespace,
    labels,
    ...(username && { username }),
    ...(password && { password }),
  })
}

/** @throws {CliError} when something needed is not given. */
function receiverManifest(name: string, flags: CreateFlags & Flags): KubeObject {
  const { namespace, labels, type, token, hostname, emailClaim, audienceClaim } = flags
  if (!type) throw new CliError('--type is required')
  if (!receiverTypes.some((it) => it === type)) {
    throw new CliError(
      `receiver type '${type}' is not supported, must be one of: ${receiverTypes.join(', ')}`,
    )
  }
  if (!hostname) throw new CliError('--hostname is required')
  if (type === 'gcr' && !emailClaim) throw new CliError('--email-claim is required for gcr receiver type')
  const secretToken = token || randomBytes(32).toString('hex')
  return receiverSecret(name, {
    namespace,
    labels,
    type,
    token: secretToken,
    hostname,
    emailClaim,
    audienceClaim,
  })
}

function credentials(flags: CreateFlags & Flags): Credentials {
  const { namespace, labels, username, password, bearerToken, caCrtFile, tlsCrtFile, tlsKeyFile } = flags
  return {
    namespace,
    labels,
    ...(username && { username }),
    ...(password && { password }),
    ...(bearerToken && { bearerToken }),
    ...(caCrtFile && { caCertificate: fileText(caCrtFile, 'unable to read TLS CA file') }),
    ...(tlsCrtFile && { certificate: fileText(tlsCrtFile, 'failed to read cert file') }),
    ...(tlsKeyFile && { key: fileText(tlsKeyFile, 'failed to read key file') }),
  }
}
