import type { ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import type { CliKind } from '../kinds.ts'
import { exportText } from '../output/export-text.ts'
import { selectByName } from '../select-objects.ts'
import { addPerKind } from './per-kind.ts'

export type ExportFlags = ObjectFlags & { readonly all: boolean }

export function addExport(program: Command, context: CommandContext): void {
  const group = program
    .command('export')
    .description('print objects of the toolkit as manifests')
    .option('--all', 'all objects of the kind in the namespace', false)
  addPerKind(group, { verb: 'export', parameters: '[name]' }, (command, kind) => {
    command.description(`print ${kind.kind} objects as manifests`).action((name: string | undefined) => {
      const { all } = command.optsWithGlobals<{ all: boolean }>()
      return exportCommand(kind, name, { flags: { ...objectFlags(command), all }, context })
    })
  })
}

/** `export KIND NAME | --all`. @throws {CliError} when there is nothing to print. */
export async function exportCommand(
  kind: CliKind,
  name: string | undefined,
  { flags, context }: { readonly flags: ExportFlags; readonly context: CommandContext },
): Promise<void> {
  const { namespace, all } = flags
  if (name === undefined && !all) throw new CliError('name is required')
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const objects =
    all || name === undefined
      ? await selectByName(cluster, kind, { namespace, signal })
      : [await cluster.get<ToolkitObject>(kind.resource, { namespace, name }, { signal })]
  if (objects.length === 0) throw new CliError(`no objects found in ${namespace} namespace`)
  for (const object of objects) context.terminal.out(exportText(object))
}
