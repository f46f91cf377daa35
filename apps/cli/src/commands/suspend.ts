import type { Cluster } from '@sluice/cluster'
import { errorChain } from '@sluice/ports'
import { fieldManagers, type ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import type { CliKind } from '../kinds.ts'
import { statusLines } from '../output/terminal.ts'
import { selectByName } from '../select-objects.ts'
import { addPerKind } from './per-kind.ts'

export type SuspendFlags = ObjectFlags & { readonly all: boolean }

export function addSuspend(program: Command, context: CommandContext): void {
  const suspend = program
    .command('suspend')
    .description('stop reconciling objects')
    .option('--all', 'all objects of the kind in the namespace', false)
  addPerKind(suspend, { verb: 'suspend', parameters: '[name...]' }, (command, kind) => {
    command.description(`suspend ${kind.kind} objects`).action((names: string[]) => {
      const { all } = command.optsWithGlobals<{ all: boolean }>()
      return suspendCommand(kind, names, { flags: { ...objectFlags(command), all }, context })
    })
  })
}

/** `suspend KIND NAME… | --all`. What fails is told, and the rest goes on, as in Flux. */
export async function suspendCommand(
  kind: CliKind,
  names: readonly string[],
  { flags, context }: { readonly flags: SuspendFlags; readonly context: CommandContext },
): Promise<void> {
  if (names.length === 0 && !flags.all) throw new CliError(`${kind.humanName} name is required`)
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const lines = statusLines(context.terminal)
  const { namespace } = flags
  if (names.length === 0) {
    const objects = await selectByName(cluster, kind, { namespace, signal })
    if (objects.length === 0) throw new CliError('no objects found')
    for (const object of objects) await suspendObject(object)
    return
  }
  for (const name of new Set(names)) {
    // Sequential: the lines of one object stay together.
    const [object] = await selectByName(cluster, kind, { namespace, name, signal })
    if (object) await suspendObject(object).catch((error: unknown) => tellFailure(name, error))
    else lines.failure(`${kind.kind} ${name} not found in ${namespace} namespace`)
  }

  async function suspendObject({ metadata: { name = '' } }: ToolkitObject): Promise<void> {
    lines.action(`suspending ${kind.humanName} ${name} in ${namespace} namespace`)
    await setSuspended(cluster, kind, { namespace, name, suspend: true, signal })
    lines.success(`${kind.humanName} suspended`)
  }

  function tellFailure(name: string, error: unknown): void {
    lines.failure(`failed suspending ${kind.kind} ${name} in ${namespace} namespace: ${errorChain(error)}`)
  }
}

/** Sets `spec.suspend`, or takes it away. */
export async function setSuspended(
  cluster: Cluster,
  { resource }: CliKind,
  {
    namespace,
    name,
    suspend,
    signal,
  }: {
    readonly namespace: string
    readonly name: string
    readonly suspend: boolean
    readonly signal: AbortSignal
  },
): Promise<void> {
  await cluster.patch(
    resource,
    { namespace, name },
    {
      signal,
      fieldManager: fieldManagers.cli,
      patch: { kind: 'merge', body: { spec: { suspend: suspend ? true : null } } },
    },
  )
}
