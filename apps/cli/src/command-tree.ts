import type { Command } from 'commander'

/**
 * Makes the command that `words` name below `root`, such as `source git`. Groups on the way are made once and answer to
 * their singular and plural.
 */
export function commandAt(root: Command, words: string, parameters: string): Command {
  const names = words.split(' ')
  const last = names.pop() ?? ''
  return groupAt(root, names).command(parameters === '' ? last : `${last} ${parameters}`)
}

/** Lets `command` answer to the last words of other forms of its name. */
export function withAliases(command: Command, forms: readonly string[]): Command {
  const aliases = forms.map((it) => it.slice(it.lastIndexOf(' ') + 1)).filter((it) => it !== command.name())
  return aliases.length === 0 ? command : command.aliases([...new Set(aliases)])
}

function groupAt(root: Command, names: readonly string[]): Command {
  let group = root
  for (const name of names) {
    const parent = group
    group =
      parent.commands.find((it) => it.name() === name) ??
      parent.command(name).alias(otherNumber(name)).description(`${name} of all kinds`)
  }
  return group
}

function otherNumber(word: string): string {
  return word.endsWith('s') ? word.slice(0, -1) : `${word}s`
}
