import { type Logger, silentLogger } from '@sluice/ports'
import { Command, Help, Option } from 'commander'
import type { CommandContext } from './command-context.ts'
import { addExamples } from './command-examples.ts'
import { addApply } from './commands/apply.ts'
import { addList } from './commands/artifact/list.ts'
import { addPull } from './commands/artifact/pull.ts'
import { addPush } from './commands/artifact/push.ts'
import { addTag } from './commands/artifact/tag.ts'
import { addBuild } from './commands/build.ts'
import { addCheck } from './commands/check.ts'
import { addCreate } from './commands/create.ts'
import { addDebug } from './commands/debug.ts'
import { addDelete } from './commands/delete.ts'
import { addDiff } from './commands/diff.ts'
import { addEvents } from './commands/events.ts'
import { addExport } from './commands/export.ts'
import { addGet } from './commands/get.ts'
import { addLogs } from './commands/logs.ts'
import { addReconcile } from './commands/reconcile.ts'
import { addResume } from './commands/resume.ts'
import { addStats } from './commands/stats.ts'
import { addSuspend } from './commands/suspend.ts'
import { addTemplate } from './commands/template.ts'
import { addTrace } from './commands/trace.ts'
import { addTree } from './commands/tree.ts'
import { addVersion } from './commands/version.ts'
import { milliseconds } from './flags.ts'
import { parsePort, upCommand } from './up/up-command.ts'
import { toolkitVersion } from './version.ts'

/** Names under which the program is installed; help texts use the one that was called. */
export type ProgramName = 'sluice' | 'flux'

/** The command line as a whole. Actions throw {@link CliError} and the platform's errors. */
export function createProgram(
  name: ProgramName,
  context: CommandContext,
  log: (level: string) => Logger,
): Command {
  const program = new Command(name)
    .description('GitOps toolkit for Kubernetes, with or without a cluster')
    .version(`${name} version ${toolkitVersion}`, '--version', 'print the version')
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
  addUp(program, context, log)
  for (const add of [
    addVersion,
    addApply,
    addGet,
    addCreate,
    addReconcile,
    addSuspend,
    addResume,
    addDelete,
    addDiff,
    addExport,
    addBuild,
    addTree,
    addTrace,
    addDebug,
    addEvents,
    addLogs,
    addStats,
    addCheck,
    addTemplate,
    addPush,
    addPull,
    addList,
    addTag,
  ]) {
    add(program, context)
  }
  addExamples(program)
  return program
}

function addUp(program: Command, context: CommandContext, log: (level: string) => Logger): void {
  program
    .command('up [path]')
    .description(
      'start a cluster with all controllers in this process; deploys the tutorial, or the Git repository at PATH',
    )
    .option('--reset', 'forget everything stored in .sluice first', false)
    .option('--in-memory', 'store nothing', false)
    .option('--salvage', 'go on with what comes before a damage of the store', false)
    .option('--api-port <port>', 'port of the API server', parsePort)
    .option('--git-port <port>', 'port of the Git server', parsePort)
    .option('--registry-port <port>', 'port of the OCI registry', parsePort)
    .option('--artifact-port <port>', 'port of the artifact server', parsePort)
    .option('--log-level <level>', 'debug, info, error or none', 'none')
    .action((path: string | undefined, flags) =>
      upCommand(path, {
        flags,
        context,
        log: flags.logLevel === 'none' ? silentLogger : log(flags.logLevel),
      }),
    )
}

/** The options that groups and the program give `command`, but for those that it has itself. */
function visibleGlobalOptions(this: Help, command: Command): Option[] {
  const own = new Set(command.options.map((it) => it.long))
  return new Help().visibleGlobalOptions.call(this, command).filter((it) => !own.has(it.long))
}
