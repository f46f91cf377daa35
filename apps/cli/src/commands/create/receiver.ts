import type { Receiver } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated } from '../../flags.ts'
import { addCreateCommand, create, given } from './creation.ts'
import { eventObjects, parseKindName } from './references.ts'

type Flags = {
  readonly type?: string
  readonly secretRef?: string
  readonly event?: readonly string[]
  readonly resource?: readonly string[]
}

export function addCreateReceiver(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'receiver', {
    context,
    description: 'create or update a Receiver',
    action: async (name, { flags }) => {
      const { type, secretRef, event = [], resource } = flags
      if (!type) throw new CliError('Receiver type is required')
      if (!secretRef) throw new CliError('secret ref is required')
      const resources = eventObjects(resource, parseKindName)
      if (resources.length === 0) throw new CliError('atleast one resource is required')
      await create(
        {
          kind: 'Receiver',
          announced: true,
          name,
          spec: given({ type, events: event, resources, secretRef: { name: secretRef } }),
          finished: (object) => [
            `Receiver ${name} is ready`,
            `generated webhook URL ${(object as Receiver).status?.webhookPath ?? ''}`,
          ],
        },
        { flags, context },
      )
    },
  })
    .option('--type <type>', 'who calls the webhook, such as github')
    .option('--secret-ref <name>', 'Secret with the token')
    .option('--event <names>', 'events to react to', commaSeparated)
    .option('--resource <kind/name>', 'objects to reconcile', commaSeparated)
}
