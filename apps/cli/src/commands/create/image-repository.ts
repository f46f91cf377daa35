import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { goDuration } from '../../flags.ts'
import { addCreateCommand, create, given, nameReference, withApiVersion } from './creation.ts'

type Flags = {
  readonly image?: string
  readonly secretRef?: string
  readonly certRef?: string
  readonly scanTimeout?: string
}

export function addCreateImageRepository(group: Command, context: CommandContext): void {
  withApiVersion(
    addCreateCommand<Flags>(group, 'image repository', {
      context,
      description: 'create or update an ImageRepository',
      action: async (name, { flags }) => {
        if (!flags.image) throw new CliError('an image repository (--image) is required')
        await create(
          {
            kind: 'ImageRepository',
            announced: true,
            name,
            spec: given({
              image: flags.image,
              interval: flags.interval,
              timeout: flags.scanTimeout,
              secretRef: nameReference(flags.secretRef),
              certSecretRef: nameReference(flags.certRef),
            }),
            finished: () => ['ImageRepository reconciliation completed'],
          },
          { flags, context },
        )
      },
    }),
  )
    .option('--image <name>', 'repository to scan, without a tag')
    .option('--secret-ref <name>', 'image pull Secret')
    .option('--cert-ref <name>', 'Secret with TLS certificates')
    .option('--scan-timeout <duration>', 'how long a scan may take', goDuration)
}
