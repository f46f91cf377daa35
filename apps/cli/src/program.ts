import { parseDurationMs } from '@sluice/go'
import { type Logger, silentLogger } from '@sluice/ports'
import { Command, Option } from 'commander'
import { CliError } from './cli-error.ts'
import type { CommandContext } from './command-context.ts'
import { applyCommand } from './commands/apply.ts'
import { getAllCommand, getCommand } from './commands/get.ts'
import { reconcileCommand } from './commands/reconcile.ts'
import { versionCommand } from './commands/version.ts'
import { type CliKind, cliKinds } from './kinds.ts'
import { parsePort, upCommand } from './up/up-command.ts'
import { toolkitVersion } from './version.ts'

/** Names under which the program is installed; help texts use the one that was called. */
export type ProgramName = 'sluice' | 'flux'

type GlobalOptions = {
  readonly namespace?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly timeout: number
  readonly verbose: boolean
}

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
      'kubeconfig file (default: $KUBECONFIG, .sluice/kubeconfig here, ~/.kube/config)',
    )
    .option('--context <name>', 'context of the kubeconfig file')
    .addOption(
      new Option('--timeout <duration>', 'how long a command may take')
        .default(300_000, '5m0s')
        .argParser(milliseconds),
    )
    .option('--verbose', 'say more about what is done', false)
    .configureHelp({ sortSubcommands: true, showGlobalOptions: true })
    .showHelpAfterError(`(see ${name} --help)`)
    .exitOverride()
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
  addUp(program, context, log)
  addVersion(program, context)
  addApply(program, context)
  addGet(program, context)
  addReconcile(program, context)
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
    .option('--api-port <port>', 'port of the API server', parsePort)
    .option('--git-port <port>', 'port of the Git server', parsePort)
    .option('--artifact-port <port>', 'port of the artifact server', parsePort)
    .option('--log-level <level>', 'debug, info, error or none', 'none')
    .addHelpText('after', examples(program, ['up', 'up ~/src/fleet', 'up --reset']))
    .action((path: string | undefined, flags) =>
      upCommand(path, {
        flags,
        context,
        log: flags.logLevel === 'none' ? silentLogger : log(flags.logLevel),
      }),
    )
}

function addVersion(program: Command, context: CommandContext): void {
  program
    .command('version')
    .description('print the versions of the client and of the controllers')
    .option('--client', 'only the client', false)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['yaml', 'json']).default('yaml'))
    .action((flags) => versionCommand({ flags: { ...globals(program), ...flags }, context }))
}

function addApply(program: Command, context: CommandContext): void {
  program
    .command('apply')
    .description('apply manifests to the cluster, for machines without kubectl')
    .requiredOption('-f, --filename <file...>', 'file to apply, - for standard input')
    .addHelpText('after', examples(program, ['apply -f app.yaml', 'apply -n apps -f one.yaml -f two.yaml']))
    .action(({ filename }: { filename: string[] }) => {
      const { namespace, ...connection } = globals(program)
      return applyCommand(filename, {
        flags: { ...connection, ...(program.opts<GlobalOptions>().namespace && { namespace }) },
        context,
      })
    })
}

function addGet(program: Command, context: CommandContext): void {
  const get = withGetFlags(program.command('get').description('show toolkit objects and their state'))
  get.addHelpText(
    'after',
    examples(program, ['get kustomizations -A', 'get sources git -n default', 'get all -A']),
  )
  const group = groupMaker(get)
  for (const kind of cliKinds) {
    for (const words of [kind.getCommands[0] ?? '']) {
      const { parent, name } = group(words)
      withGetFlags(parent.command(`${name} [name]`))
        .aliases(
          kind.getCommands
            .slice(1)
            .map(lastWord)
            .filter((it) => it !== name),
        )
        .description(`show ${kind.kind} objects`)
        .action((object: string | undefined, _flags, command: Command) =>
          getCommand(kind, object, { flags: getFlags(program, command), context }),
        )
    }
  }
  for (const [parent, family] of [
    [get, undefined],
    [group('sources all').parent, 'sources'],
  ] as const) {
    withGetFlags(parent.command('all'))
      .description('show objects of all these kinds')
      .action((_flags, command: Command) =>
        getAllCommand(family, { flags: getFlags(program, command), context }),
      )
  }
}

function addReconcile(program: Command, context: CommandContext): void {
  const reconcile = program.command('reconcile').description('have an object reconciled now, and wait for it')
  reconcile.addHelpText(
    'after',
    examples(program, ['reconcile kustomization app --with-source', 'reconcile source git app']),
  )
  const group = groupMaker(reconcile)
  for (const kind of cliKinds) {
    const { parent, name } = group(kind.commands[0] ?? '')
    const command = parent
      .command(`${name} <name>`)
      .aliases(kind.commands.slice(1).map(lastWord))
      .description(`reconcile a ${kind.kind}`)
      .action((object: string, flags: { withSource?: boolean }) =>
        reconcileCommand(kind, object, {
          flags: { ...globals(program), withSource: flags.withSource ?? false },
          context,
        }),
      )
    if (hasSource(kind)) command.option('--with-source', 'reconcile its source first', false)
  }
}

function hasSource({ kind }: CliKind): boolean {
  return kind === 'Kustomization'
}

/** Makes `sources` for `sources git` once, and returns where the last word belongs. */
function groupMaker(root: Command): (words: string) => { readonly parent: Command; readonly name: string } {
  return (words) => {
    const [first = '', ...rest] = words.split(' ')
    if (rest.length === 0) return { parent: root, name: first }
    const existing = root.commands.find((it) => it.name() === first)
    const parent = existing ?? root.command(first).alias(singular(first)).description(`${first} of all kinds`)
    return { parent, name: rest.join(' ') }
  }
}

function singular(word: string): string {
  return word.endsWith('s') ? word.slice(0, -1) : `${word}s`
}

function lastWord(words: string): string {
  return words.slice(words.lastIndexOf(' ') + 1)
}

function withGetFlags(command: Command): Command {
  return command
    .option('-A, --all-namespaces', 'objects of all namespaces')
    .option('-w, --watch', 'go on and print what changes')
    .option('-l, --label-selector <selector>', 'only objects with these labels')
    .option('--status-selector <condition=status>', 'only objects with this condition, such as ready=false')
    .option('--no-header', 'without the line of titles')
}

function getFlags(program: Command, command: Command): Parameters<typeof getCommand>[2]['flags'] {
  const flags = command.optsWithGlobals()
  return {
    ...globals(program),
    allNamespaces: flags['allNamespaces'] === true,
    watch: flags['watch'] === true,
    noHeader: flags['header'] === false,
    ...(flags['labelSelector'] !== undefined && { labelSelector: flags['labelSelector'] }),
    ...(flags['statusSelector'] !== undefined && { statusSelector: flags['statusSelector'] }),
  }
}

function globals(program: Command): {
  readonly namespace: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly timeoutMs: number
} {
  const { namespace, kubeconfig, context, timeout } = program.opts<GlobalOptions>()
  return {
    namespace: namespace ?? 'flux-system',
    timeoutMs: timeout,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  }
}

function examples(program: Command, commands: readonly string[]): string {
  return `\nExamples:\n${commands.map((it) => `  ${program.name()} ${it}\n`).join('')}`
}

function milliseconds(text: string): number {
  try {
    return parseDurationMs(text)
  } catch (cause) {
    throw new CliError(`'${text}' is not a duration such as 5m0s`, { cause })
  }
}
