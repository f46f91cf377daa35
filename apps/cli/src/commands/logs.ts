import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { milliseconds, objectFlags } from '../flags.ts'
import { statusLines } from '../output/terminal.ts'
import { fileLogs } from './logs/file-logs.ts'
import { entryPrinter } from './logs/log-entry.ts'
import { podLogs } from './logs/pod-logs.ts'

export type LogsFlags = ObjectFlags & {
  readonly level?: string
  readonly kind?: string
  readonly name?: string
  readonly follow: boolean
  /** Lines from the end of each log; all when absent. */
  readonly tail?: number
  readonly fluxNamespace: string
  readonly allNamespaces: boolean
  /** Milliseconds. */
  readonly since?: number
  /** RFC 3339. */
  readonly sinceTime?: string
}

/** Which lines of a log are wanted. */
export type LogRange = {
  readonly tail: number | undefined
  /** Milliseconds since 1970; all when absent. */
  readonly since: number | undefined
  readonly follow: boolean
  readonly signal: AbortSignal
}

const levels = ['debug', 'info', 'error']

export function addLogs(program: Command, context: CommandContext): void {
  const command = program
    .command('logs')
    .argument('[arguments...]')
    .description('show what controllers have logged about objects')
    .option('--level <level>', `only of this level: ${levels.join(', ')}`)
    .option('--kind <kind>', 'only about objects of this kind')
    .option('--name <name>', 'only about objects of this name')
    .option('-f, --follow', 'go on and print what comes', false)
    .option('--tail <lines>', 'only this many lines from the end', wholeNumber)
    .option('--flux-namespace <name>', 'where the controllers run (default: flux-system)')
    .option('-A, --all-namespaces', 'about objects of all namespaces', false)
    .option('--since <duration>', 'only what is newer, such as 5s, 2m or 3h', milliseconds)
    .option('--since-time <time>', 'only what is newer than this time (RFC 3339)')
    .action((rest: readonly string[], flags: Partial<LogsFlags>) => {
      if (rest.length > 0) throw new CliError('no argument required')
      const own = objectFlags(command)
      const defaults = { fluxNamespace: 'flux-system', follow: false, allNamespaces: false }
      return logsCommand({ flags: { ...own, ...defaults, ...flags }, context })
    })
}

/**
 * Prints the logs of the controllers' pods, or of the process that runs the embedded cluster of this directory.
 *
 * @throws {CliError}
 */
export async function logsCommand({
  flags,
  context,
}: {
  readonly flags: LogsFlags
  readonly context: CommandContext
}): Promise<void> {
  if (flags.level !== undefined && !levels.includes(flags.level)) {
    throw new CliError(`log level '${flags.level}' not supported, must be one of: ${levels.join(', ')}`)
  }
  const { terminal } = context
  const print = entryPrinter(flags, {
    out: terminal.out,
    unreadable: (why) => statusLines(terminal).failure(`parse error: ${why}`),
  })
  const range: LogRange = {
    tail: flags.tail,
    since: sinceOf(flags, context),
    follow: flags.follow,
    signal: context.signal,
  }
  const { cluster } = await context.connect(flags)
  const parts = { context, flags, range, print }
  if (await podLogs(cluster, parts)) return
  if (await fileLogs(parts)) return
  throw new CliError(`no Flux pods found in namespace ${JSON.stringify(flags.fluxNamespace)}`)
}

function sinceOf({ since, sinceTime }: LogsFlags, { clock }: CommandContext): number | undefined {
  if (sinceTime === undefined) return since === undefined ? undefined : clock.now() - since
  if (since !== undefined) {
    throw new CliError('at most one of `sinceTime` or `sinceDuration` may be specified')
  }
  const time = Date.parse(sinceTime)
  if (Number.isNaN(time) || !/^\d{4}-\d\d-\d\dT/.test(sinceTime)) {
    throw new CliError(`${sinceTime} is not a valid (RFC3339) time`)
  }
  return time
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || text.trim() === '') throw new InvalidArgumentError('It is no whole number.')
  return value
}
