import { type Logger, silentLogger } from '@sluice/ports'
import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { parsePort } from '../flags.ts'

/** Makes the log of the process, from a level on; as JSON when nothing else is said. */
export type OpenLog = (level: string, encoding?: 'json' | 'console') => Logger | Promise<Logger>

export function addUp(program: Command, context: CommandContext, openLog: OpenLog): void {
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
    .action(async (path: string | undefined, flags) => {
      const { upCommand } = await import('../up/up-command.ts')
      const log = flags.logLevel === 'none' ? silentLogger : await openLog(flags.logLevel)
      await upCommand(path, { flags, context, log })
    })
}
