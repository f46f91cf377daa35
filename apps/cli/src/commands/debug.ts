import type { Cluster } from '@sluice/cluster'
import { releaseValues } from '@sluice/helm-controller'
import { readVariables } from '@sluice/kustomize-controller'
import type { JsonValue } from '@sluice/ports'
import type { HelmRelease, Kustomization, ToolkitObject } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { commandAt } from '../command-tree.ts'
import { objectFlags } from '../flags.ts'
import { cliKind } from '../kinds.ts'

/** What of an object is shown; exactly one of them. */
export type DebugFlags = ObjectFlags & {
  readonly showStatus?: boolean
  readonly showHistory?: boolean
  /** What the object's own values or variables come to, Secrets included. */
  readonly showInputs?: boolean
}

/** How the inputs of a kind are shown. */
type DebugKind = {
  readonly kind: 'Kustomization' | 'HelmRelease'
  readonly inputsFlag: string
  readonly inputsDescription: string
  readonly documentation: string
  readonly inputs: (object: ToolkitObject, access: Access) => Promise<string>
}

type Access = { readonly cluster: Cluster; readonly signal: AbortSignal }

const kinds: readonly DebugKind[] = [
  {
    kind: 'Kustomization',
    inputsFlag: '--show-vars',
    inputsDescription: 'print the variables of substitution as a dotenv file, with those of Secrets',
    documentation: 'kustomize/kustomizations',
    inputs: variablesText,
  },
  {
    kind: 'HelmRelease',
    inputsFlag: '--show-values',
    inputsDescription: 'print the values that the chart is rendered with, with those of Secrets',
    documentation: 'helm/helmreleases',
    inputs: async (object, access) => printYaml(await releaseValues(object as HelmRelease, access)),
  },
]

export function addDebug(program: Command, context: CommandContext): void {
  const group = program.command('debug').description('look into an object that does not become ready')
  for (const kind of kinds) {
    const word = kind.kind.toLowerCase()
    const { commands } = cliKind(kind.kind)
    const command = commandAt(group, word, '<name>')
      .aliases(commands.filter((it) => it !== word))
      .description(`print the status, history or inputs of a ${kind.kind}`)
      .option('--show-status', 'print its status')
      .option('--show-history', 'print what has been reconciled')
      .option(kind.inputsFlag, kind.inputsDescription)
    const inputsName = command.options.at(-1)?.attributeName() ?? ''
    command.action((name: string, flags: Readonly<Record<string, boolean>>) =>
      debugCommand(kind, name, {
        flags: { ...objectFlags(command), ...flags, showInputs: flags[inputsName] ?? false },
        context,
      }),
    )
  }
}

/** `debug KIND NAME --show-status | --show-history | --show-vars`. @throws {CliError} */
async function debugCommand(
  kind: DebugKind,
  name: string,
  { flags, context }: { readonly flags: DebugFlags; readonly context: CommandContext },
): Promise<void> {
  const { showStatus = false, showHistory = false, showInputs = false, namespace } = flags
  if ([showStatus, showHistory, showInputs].filter(Boolean).length !== 1) {
    throw new CliError(`exactly one of --show-status, ${kind.inputsFlag}, or --show-history must be set`)
  }
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const object = await cluster.get<ToolkitObject>(
    cliKind(kind.kind).resource,
    { namespace, name },
    { signal },
  )
  context.terminal.out(
    showInputs ? await kind.inputs(object, { cluster, signal }) : statusText(object, kind, showHistory),
  )
}

function statusText(
  { status = {} }: ToolkitObject,
  { kind, documentation }: DebugKind,
  history: boolean,
): string {
  const page = `https://fluxcd.io/flux/components/${documentation}/`
  if (!history) {
    return `# Status documentation: ${page}#${kind.toLowerCase()}-status\n${printYaml(status)}`
  }
  const { history: entries = [] } = status as { readonly history?: readonly JsonValue[] }
  return `# History documentation: ${page}#history\n${printYaml(entries)}`
}

async function variablesText(object: ToolkitObject, access: Access): Promise<string> {
  const kustomization = object as Kustomization
  if (!kustomization.spec.postBuild) throw new CliError('no post build substitutions found')
  const variables = await readVariables(kustomization, access)
  return [...variables]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
