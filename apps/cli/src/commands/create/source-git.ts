import type { JsonObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated, goDuration } from '../../flags.ts'
import {
  addCreateCommand,
  type CreateFlags,
  type Creation,
  create,
  fetchedLines,
  given,
  nameReference,
} from './creation.ts'
import { fileText, gitSecret, sshSecret } from './secret-manifests.ts'
import { addSshKeyFlags, type SshFlags, sshCredentials } from './ssh-credentials.ts'

type Flags = SshFlags & {
  readonly url?: string
  readonly branch?: string
  readonly tag?: string
  readonly tagSemver?: string
  readonly refName?: string
  readonly commit?: string
  readonly username?: string
  readonly password?: string
  readonly secretRef?: string
  readonly proxySecretRef?: string
  readonly provider?: string
  readonly caFile?: string
  readonly recurseSubmodules?: boolean
  readonly ignorePaths?: readonly string[]
  readonly sparseCheckoutPaths?: readonly string[]
  readonly fetchTimeout?: string
  readonly silent?: boolean
}

export function addCreateSourceGit(group: Command, context: CommandContext): void {
  const command = addCreateCommand<Flags>(group, 'source git', {
    context,
    description: 'create or update a GitRepository',
    action: async (name, { flags }) => {
      const url = checkedUrl(flags)
      await create(
        {
          kind: 'GitRepository',
          noun: 'GitRepository source',
          announced: true,
          name,
          ...(await credentials(name, url, { flags, context })),
          finished: fetchedLines('GitRepository source'),
        },
        { flags, context },
      )
    },
  })
    .option('--url <url>', 'address of the repository, such as ssh://git@host/org/repository')
    .option('--branch <name>', 'branch')
    .option('--tag <name>', 'tag')
    .option('--tag-semver <range>', 'range of versions that tags are chosen from')
    .option('--ref-name <name>', 'full name of a reference')
    .option('--commit <sha>', 'commit')
    .option('-u, --username <name>', 'user for basic authentication')
    .option('-p, --password <password>', 'password for basic authentication')
    .option('--secret-ref <name>', 'existing Secret with credentials')
    .option('--proxy-secret-ref <name>', 'existing Secret with the proxy and its credentials')
    .option('--provider <provider>', 'generic, github, aws or azure')
    .option('--ca-file <path>', 'certificate authority of the server')
    .option('--recurse-submodules', 'fetch submodules too')
    .option('-s, --silent', 'take it that the deploy key has been added to the repository')
    .option('--ignore-paths <paths>', 'paths to leave out, parted by commas', commaSeparated)
    .option('--sparse-checkout-paths <paths>', 'directories to check out, parted by commas', commaSeparated)
    .option('--fetch-timeout <duration>', 'how long fetching may take', goDuration)
  addSshKeyFlags(command)
}

/** @throws {CliError} when the flags do not go together. */
function checkedUrl({ url = '', ...flags }: Flags): URL {
  if (url === '') throw new CliError('url is required')
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new CliError(`git URL parse failed: ${JSON.stringify(url)}`, { cause })
  }
  const scheme = parsed.protocol.slice(0, -1)
  if (!['ssh', 'http', 'https'].includes(scheme)) {
    throw new CliError(`git URL scheme '${scheme}' not supported, can be: ssh, http and https`)
  }
  if (!(flags.branch ?? flags.tag ?? flags.tagSemver ?? flags.commit ?? flags.refName)) {
    throw new CliError(
      'a Git ref is required, use one of the following: --branch, --tag, --commit, --ref-name or --tag-semver',
    )
  }
  if (flags.caFile !== undefined && scheme === 'ssh') {
    throw new CliError('specifying a CA file is not supported for Git over SSH')
  }
  return parsed
}

/** The specification, with the secret that is made of the credentials in the flags. */
async function credentials(
  name: string,
  { protocol }: URL,
  { flags, context }: { readonly flags: CreateFlags & Flags; readonly context: CommandContext },
): Promise<Pick<Creation, 'spec' | 'secret' | 'warning'>> {
  const spec = (secretRef: string | undefined): JsonObject =>
    given({
      url: flags.url,
      interval: flags.interval,
      timeout: flags.fetchTimeout,
      ref: reference(flags),
      secretRef: nameReference(secretRef),
      proxySecretRef: nameReference(flags.proxySecretRef),
      provider: flags.provider,
      recurseSubmodules: flags.recurseSubmodules,
      ignore: flags.ignorePaths?.join('\n'),
      sparseCheckout: flags.sparseCheckoutPaths,
    })
  if (flags.export || flags.secretRef !== undefined) return { spec: spec(flags.secretRef) }
  if (protocol === 'ssh:') {
    const key = await sshCredentials(flags.url ?? '', flags, context)
    return {
      spec: spec(name),
      secret: {
        manifest: sshSecret(name, { namespace: flags.namespace, labels: {}, ...key }),
        action: 'applying secret with repository credentials',
        deployKey: { ...key, ask: !flags.silent },
      },
    }
  }
  const manifest = gitSecret(name, {
    namespace: flags.namespace,
    ...(flags.username && flags.password && { username: flags.username, password: flags.password }),
    ...(flags.caFile &&
      protocol === 'https:' && { caCertificate: fileText(flags.caFile, 'unable to read TLS CA file') }),
  })
  return {
    ...(protocol === 'http:' && {
      warning: 'insecure configuration: credentials configured for an HTTP URL',
    }),
    ...(manifest
      ? { spec: spec(name), secret: { manifest, action: 'applying secret with repository credentials' } }
      : { spec: spec(undefined) }),
  }
}

/** The commit wins over the name, the range, the tag and the branch. */
function reference({ commit, branch, refName, tagSemver, tag }: Flags): JsonObject {
  if (commit) return given({ commit, branch })
  if (refName) return { name: refName }
  if (tagSemver) return { semver: tagSemver }
  return tag ? { tag } : given({ branch })
}
