import type { JsonObject } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated, goDuration } from '../../flags.ts'
import { addCreateCommand, create, given, nameReference } from './creation.ts'
import { addVerificationFlags, type VerificationFlags, verification } from './verification-flags.ts'

type Flags = VerificationFlags & {
  readonly provider: string
  readonly url?: string
  readonly tag?: string
  readonly tagSemver?: string
  readonly digest?: string
  readonly secretRef?: string
  readonly proxySecretRef?: string
  readonly serviceAccount?: string
  readonly certRef?: string
  readonly ignorePaths?: readonly string[]
  readonly insecure?: boolean
  readonly layerSelector?: string
  readonly fetchTimeout?: string
}

export function addCreateSourceOci(group: Command, context: CommandContext): void {
  const command = addCreateCommand<Flags>(group, 'source oci', {
    context,
    description: 'create or update an OCIRepository',
    action: async (name, { flags }) => {
      if (!flags.url) throw new CliError('url is required')
      if (!flags.tagSemver && !flags.tag && !flags.digest) {
        throw new CliError('--tag, --tag-semver or --digest is required')
      }
      await create(
        {
          kind: 'OCIRepository',
          announced: false,
          name,
          spec: given({
            provider: flags.provider,
            url: flags.url,
            insecure: flags.insecure,
            interval: flags.interval,
            timeout: flags.fetchTimeout,
            ref: given({ digest: flags.digest, semver: flags.tagSemver, tag: flags.tag }),
            ignore: flags.ignorePaths?.join('\n'),
            layerSelector: layerSelector(flags.layerSelector),
            serviceAccountName: flags.serviceAccount,
            secretRef: nameReference(flags.secretRef),
            proxySecretRef: nameReference(flags.proxySecretRef),
            certSecretRef: nameReference(flags.certRef),
            verify: verification(flags),
          }),
          finished: fetched,
        },
        { flags, context },
      )
    },
  })
    .option('--provider <provider>', 'generic, aws, azure or gcp', 'generic')
    .option('--url <url>', 'address of the artifact, oci://…')
    .option('--tag <tag>', 'tag')
    .option('--tag-semver <range>', 'range of versions that tags are chosen from')
    .option('--digest <digest>', 'digest')
    .option('--secret-ref <name>', 'image pull Secret')
    .option('--proxy-secret-ref <name>', 'existing Secret with the proxy and its credentials')
    .option('--service-account <name>', 'service account that names an image pull Secret')
    .option('--cert-ref <name>', 'Secret with TLS certificates')
    .option('--ignore-paths <paths>', 'paths to leave out, parted by commas', commaSeparated)
    .option('--insecure', 'speak plain HTTP')
    .option('--layer-selector <type:operation>', 'layer to take, and whether to extract or to copy it')
    .option('--fetch-timeout <duration>', 'how long fetching may take', goDuration)
  addVerificationFlags(command)
}

function layerSelector(text: string | undefined): JsonObject | undefined {
  if (text === undefined || text === '') return undefined
  const [, mediaType, operation = ''] = /^([^:]+):(.+)$/.exec(text) ?? []
  const problem = `invalid --layer-selector ${JSON.stringify(text)}`
  if (mediaType === undefined) {
    throw new CliError(`${problem}: must be in the format '<media-type>:<operation>'`)
  }
  if (operation !== 'extract' && operation !== 'copy') {
    throw new CliError(`${problem}: operation must be "extract" or "copy"`)
  }
  return { mediaType, operation }
}

function fetched({ status }: ToolkitObject): readonly string[] {
  const { artifact } = (status ?? {}) as { readonly artifact?: { readonly revision: string } }
  if (!artifact) throw new CliError('no artifact was found')
  return ['OCIRepository reconciliation completed', `fetched revision: ${artifact.revision}`]
}
