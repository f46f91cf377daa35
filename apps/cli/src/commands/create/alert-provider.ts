import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { addCreateCommand, create, given, nameReference } from './creation.ts'

type Flags = {
  readonly type?: string
  readonly channel?: string
  readonly username?: string
  readonly address?: string
  readonly secretRef?: string
}

export function addCreateAlertProvider(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'alert-provider', {
    context,
    description: 'create or update a Provider',
    action: async (name, { flags }) => {
      const { type, channel, username, address, secretRef } = flags
      if (!type) throw new CliError('Provider type is required')
      await create(
        {
          kind: 'Provider',
          announced: true,
          name,
          spec: given({ type, channel, username, address, secretRef: nameReference(secretRef) }),
          finished: () => [`Provider ${name} is ready`],
        },
        { flags, context },
      )
    },
  })
    .option('--type <type>', 'kind of service, such as slack')
    .option('--channel <name>', 'channel that messages go to')
    .option('--username <name>', 'name that messages come from')
    .option('--address <url>', 'address of the service or of the repository')
    .option('--secret-ref <name>', 'Secret with the token')
}
