import type { Command } from 'commander'
import { commandAt, withAliases } from '../command-tree.ts'
import { type CliKind, cliKinds, type KindVerb } from '../kinds.ts'

/** Adds a command to the group of a verb for each kind that has it; `complete` describes it and gives it its action. */
export function addPerKind(
  group: Command,
  { verb, parameters }: { readonly verb: KindVerb; readonly parameters: string },
  complete: (command: Command, kind: CliKind) => void,
): void {
  for (const kind of cliKinds.filter(({ verbs }) => verbs.has(verb))) {
    const command = commandAt(group, kind.commands[0] ?? '', parameters)
    withAliases(command, kind.commands)
    complete(command, kind)
  }
}
