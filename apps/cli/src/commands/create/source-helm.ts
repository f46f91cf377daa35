import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { goDuration } from '../../flags.ts'
import {
  addCreateCommand,
  type CreateFlags,
  type Creation,
  create,
  fetchedLines,
  given,
  nameReference,
} from './creation.ts'
import { fileText, helmSecret } from './secret-manifests.ts'

type Flags = {
  readonly url?: string
  readonly username?: string
  readonly password?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly caFile?: string
  readonly secretRef?: string
  readonly ociProvider?: string
  readonly passCredentials?: boolean
  readonly fetchTimeout?: string
}

export function addCreateSourceHelm(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'source helm', {
    context,
    description: 'create or update a HelmRepository',
    action: async (name, { flags }) => {
      const isRegistry = checkedUrl(flags.url).protocol === 'oci:'
      const secret = credentials(name, flags)
      const secretRef = secret ? secret.manifest.metadata.name : flags.secretRef
      await create(
        {
          kind: 'HelmRepository',
          noun: 'HelmRepository source',
          createdNoun: 'source',
          announced: true,
          name,
          ...(secret && { secret }),
          spec: given({
            url: flags.url,
            interval: flags.interval,
            timeout: flags.fetchTimeout,
            secretRef: nameReference(secretRef),
            passCredentials: secretRef === undefined ? undefined : flags.passCredentials,
            ...(isRegistry && { type: 'oci', provider: flags.ociProvider }),
          }),
          finished: isRegistry
            ? () => ['HelmRepository source reconciliation completed']
            : fetchedLines('HelmRepository source'),
        },
        { flags, context },
      )
    },
  })
    .option('--url <url>', 'address of the repository')
    .option('-u, --username <name>', 'user for basic authentication')
    .option('-p, --password <password>', 'password for basic authentication')
    .option('--cert-file <path>', 'certificate of the client')
    .option('--key-file <path>', 'key of the client')
    .option('--ca-file <path>', 'certificate authority of the server')
    .option('--secret-ref <name>', 'existing Secret with credentials')
    .option('--oci-provider <provider>', 'who authenticates at the registry')
    .option('--pass-credentials', 'send the credentials to all hosts')
    .option('--fetch-timeout <duration>', 'how long fetching may take', goDuration)
}

function checkedUrl(url = ''): URL {
  if (url === '') throw new CliError('url is required')
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new CliError(`url parse failed: ${JSON.stringify(url)}`, { cause })
  }
  const scheme = parsed.protocol.slice(0, -1)
  if (!['http', 'https', 'oci'].includes(scheme)) {
    throw new CliError(`url scheme '${scheme}' not supported, can be: http, https and oci`)
  }
  if (parsed.host === '') throw new CliError('url host is required')
  return parsed
}

/** The Secret for the credentials in the flags, when there are any and no other is named. */
function credentials(name: string, flags: Flags & CreateFlags): Creation['secret'] {
  if (flags.export || flags.secretRef !== undefined) return undefined
  const manifest = helmSecret(`helm-${name}`, {
    namespace: flags.namespace,
    ...(flags.username && { username: flags.username }),
    ...(flags.password && { password: flags.password }),
    ...(flags.caFile && { caCertificate: fileText(flags.caFile, 'unable to read TLS CA file') }),
    ...(flags.certFile &&
      flags.keyFile && {
        certificate: fileText(flags.certFile, 'failed to read cert file'),
        key: fileText(flags.keyFile, 'failed to read key file'),
      }),
  })
  if (manifest['stringData'] === undefined) return undefined
  return { manifest, action: 'applying secret with repository credentials' }
}
