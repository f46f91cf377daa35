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
import { secret } from './secret-manifests.ts'

type Flags = {
  readonly provider: string
  readonly bucketName?: string
  readonly endpoint?: string
  readonly accessKey?: string
  readonly secretKey?: string
  readonly region?: string
  readonly insecure?: boolean
  readonly secretRef?: string
  readonly proxySecretRef?: string
  readonly ignorePaths?: readonly string[]
  readonly fetchTimeout?: string
}

export function addCreateSourceBucket(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'source bucket', {
    context,
    description: 'create or update a Bucket',
    action: async (name, { flags }) => {
      if (!flags.bucketName) throw new CliError('bucket-name is required')
      if (!flags.endpoint) throw new CliError('endpoint is required')
      const stored = credentials(name, flags)
      await create(
        {
          kind: 'Bucket',
          noun: 'Bucket source',
          announced: true,
          name,
          ...(stored && { secret: stored }),
          spec: given({
            bucketName: flags.bucketName,
            provider: flags.provider,
            insecure: flags.insecure,
            endpoint: flags.endpoint,
            region: flags.region,
            interval: flags.interval,
            timeout: flags.fetchTimeout,
            ignore: flags.ignorePaths?.join('\n'),
            secretRef: nameReference(stored ? stored.manifest.metadata.name : flags.secretRef),
            proxySecretRef: nameReference(flags.proxySecretRef),
          }),
          finished: fetchedLines('Bucket source'),
        },
        { flags, context },
      )
    },
  })
    .option('--provider <provider>', 'generic, aws, azure or gcp', 'generic')
    .option('--bucket-name <name>', 'name of the bucket')
    .option('--endpoint <address>', 'address of the service')
    .option('--access-key <key>', 'access key')
    .option('--secret-key <key>', 'secret key')
    .option('--region <region>', 'region')
    .option('--insecure', 'speak plain HTTP')
    .option('--secret-ref <name>', 'existing Secret with credentials')
    .option('--proxy-secret-ref <name>', 'existing Secret with the proxy and its credentials')
    .option('--ignore-paths <paths>', 'paths to leave out, parted by commas', commaSeparated)
    .option('--fetch-timeout <duration>', 'how long fetching may take', goDuration)
}

/** The Secret for the keys in the flags, when there are any and no other is named. */
function credentials(name: string, flags: Flags & CreateFlags): Creation['secret'] {
  const { accessKey, secretKey, namespace, labels } = flags
  if (flags.export || flags.secretRef !== undefined || !accessKey || !secretKey) return undefined
  return {
    manifest: secret(
      `bucket-${name}`,
      { namespace, labels },
      { data: { accesskey: accessKey, secretkey: secretKey } },
    ),
    action: 'applying secret with the bucket credentials',
  }
}
