import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import type { CliKind } from '../kinds.ts'
import { statusLines } from '../output/terminal.ts'
import { addPerKind } from './per-kind.ts'

export type DeleteFlags = ObjectFlags & { readonly silent: boolean }

export function addDelete(program: Command, context: CommandContext): void {
  const group = program
    .command('delete')
    .description('delete objects of the toolkit')
    .option('-s, --silent', 'do not ask', false)
  addPerKind(group, { verb: 'delete', parameters: '[name]' }, (command, kind) => {
    command.description(`delete a ${kind.kind}`).action((name: string | undefined) => {
      const { silent } = command.optsWithGlobals<{ silent: boolean }>()
      return deleteCommand(kind, name, { flags: { ...objectFlags(command), silent }, context })
    })
  })
}

/** `delete KIND NAME [-s]`. @throws {CliError} when the person does not agree. */
export async function deleteCommand(
  kind: CliKind,
  name: string | undefined,
  { flags, context }: { readonly flags: DeleteFlags; readonly context: CommandContext },
): Promise<void> {
  if (name === undefined) throw new CliError(`${kind.humanName} name is required`)
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const key = { namespace: flags.namespace, name }
  await cluster.get(kind.resource, key, { signal })
  if (!flags.silent && !(await context.confirm(`Are you sure you want to delete this ${kind.humanName}`))) {
    throw new CliError('aborting')
  }
  const lines = statusLines(context.terminal)
  lines.action(`deleting ${kind.humanName} ${name} in ${flags.namespace} namespace`)
  await cluster.delete(kind.resource, key, { signal })
  lines.success(`${kind.humanName} deleted`)
}
