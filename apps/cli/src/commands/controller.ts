import type { Command } from 'commander'
import type { CommandContext, ConnectionFlags } from '../command-context.ts'
import type { OpenLog } from './up.ts'

export function addController(program: Command, context: CommandContext, openLog: OpenLog): void {
  const command = program
    .command('controller [names...]')
    .description(
      "run controllers for a cluster, with the flags of Flux's: source, kustomize, helm, image-reflector, image-automation, source-watcher or all",
    )
    // The flags are those of the controllers that are named; they are read, and explained, by these.
    .allowUnknownOption()
    .helpOption(false)
    .action(async () => {
      const { controllerCommand } = await import('../controller/controller-command.ts')
      const flags = command.optsWithGlobals<ConnectionFlags>()
      await controllerCommand(command.args, { flags, context, openLog })
    })
}
