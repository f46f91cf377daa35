import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated } from '../../flags.ts'
import { addCreateCommand, create, given } from './creation.ts'
import { eventObjects, parseReference } from './references.ts'

type Flags = {
  readonly providerRef?: string
  readonly eventSeverity?: string
  readonly eventSource?: readonly string[]
}

export function addCreateAlert(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'alert', {
    context,
    description: 'create or update an Alert',
    action: async (name, { flags }) => {
      if (!flags.providerRef) throw new CliError('provider ref is required')
      const eventSources = eventObjects(flags.eventSource, parseReference)
      if (eventSources.length === 0) throw new CliError('at least one event source is required')
      await create(
        {
          kind: 'Alert',
          announced: true,
          name,
          spec: given({
            providerRef: { name: flags.providerRef },
            eventSeverity: flags.eventSeverity,
            eventSources,
          }),
          finished: () => [`Alert ${name} is ready`],
        },
        { flags, context },
      )
    },
  })
    .option('--provider-ref <name>', 'Provider that gets the events')
    .option('--event-severity <severity>', 'info or error')
    .option('--event-source <kind/name.namespace>', 'objects whose events are sent', commaSeparated)
}
