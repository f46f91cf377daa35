import { Command, Help, Option } from 'commander'
import type { CommandContext } from './command-context.ts'
import { addExamples } from './command-examples.ts'
import type { OpenLog } from './commands/up.ts'
import { commandsFor } from './commands.ts'
import { milliseconds } from './flags.ts'
import { toolkitVersion } from './version.ts'

/** Names under which the program is installed; help texts use the one that was called. */
export type ProgramName = 'sluice' | 'flux'

/** The command line as a whole, as far as `args` need it. Actions throw {@link CliError} and the platform's errors. */
export async function createProgram(
  name: ProgramName,
  args: readonly string[],
  { context, log }: { readonly context: CommandContext; readonly log: OpenLog },
): Promise<Command> {
  const program = new Command(name)
    .description('GitOps toolkit for Kubernetes, with or without a cluster')
    .option('-n, --namespace <name>', 'namespace of the objects (default: flux-system)')
    .option(
      '--kubeconfig <path>',
      'kubeconfig file (default: .sluice/kubeconfig here, $KUBECONFIG, ~/.kube/config)',
    )
    .option('--context <name>', 'context of the kubeconfig file')
    .addOption(
      new Option('--timeout <duration>', 'how long a command may take')
        .default(300_000, '5m0s')
        .argParser(milliseconds),
    )
    .option('--verbose', 'say more about what is done', false)
    .configureHelp({ sortSubcommands: true, showGlobalOptions: true, visibleGlobalOptions })
    .showHelpAfterError(`(see ${name} --help)`)
    .exitOverride()
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
  const added = await commandsFor(args)
  for (const add of added) add(program, context, log)
  // Of the flag of a command that is called and has it too, the program must not take it for its own.
  const isTaken = added.length === 1 && program.commands.some((it) => it.options.some(isVersionFlag))
  if (!isTaken) program.version(`${name} version ${toolkitVersion}`, '--version', 'print the version')
  addExamples(program)
  return program
}

/** The options that groups and the program give `command`, but for those that it has itself. */
function visibleGlobalOptions(this: Help, command: Command): Option[] {
  const own = new Set(command.options.map((it) => it.long))
  return new Help().visibleGlobalOptions.call(this, command).filter((it) => !own.has(it.long))
}

function isVersionFlag({ long }: Option): boolean {
  return long === '--version'
}
