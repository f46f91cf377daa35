import { readCommandLine } from '@sluice/controllers'
import { silentLogger } from '@sluice/ports'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { recordingContext } from '../test/recording-context.ts'
import { examplesOf } from './command-examples.ts'
import { createProgram, type ProgramName } from './program.ts'

const program = await wholeProgram('sluice')

test('every command has examples', () => {
  expect(commandsBelow(program).filter(({ words }) => examplesOf(words).length === 0)).toEqual([])
})

test('every example names a command, with flags that it has and arguments that it takes', () => {
  const paths: readonly (readonly string[])[] = [
    ['get'],
    ['reconcile'],
    ['diff'],
    ...commandsBelow(program).map(({ words }) => words),
  ]
  const examples = new Set(paths.flatMap((it) => examplesOf(it)))
  expect([...examples].map((it) => [it, refusal(it)]).filter(([, refused]) => refused !== undefined)).toEqual(
    [],
  )
})

test('help shows the examples of the command that is asked for, under the name that was called, and no option twice', async () => {
  const get = (await wholeProgram('flux')).commands.find((it) => it.name() === 'get')
  const kustomizations = get?.commands.find((it) => it.name() === 'kustomizations')
  const { context, written } = recordingContext()
  kustomizations?.configureOutput({ writeOut: context.terminal.out }).outputHelp()
  expect(written.stdout).toContain('\nExamples:\n  flux get kustomizations -A --watch\n')
  expect(written.stdout.match(/--all-namespaces/g)).toHaveLength(1)
})

function wholeProgram(name: ProgramName): Promise<Command> {
  return createProgram(name, [], { context: recordingContext().context, log: () => silentLogger })
}

/** Commands that do something, with the words that name them. */
function commandsBelow(
  group: Command,
  words: readonly string[] = [],
): readonly { readonly words: readonly string[]; readonly command: Command }[] {
  return group.commands.flatMap((command) => {
    const own = [...words, command.name()]
    return command.commands.length > 0 ? commandsBelow(command, own) : [{ words: own, command }]
  })
}

/** Controllers read their flags themselves, after the program has taken its own. */
function refusalOfControllers(args: readonly string[]): string | undefined {
  try {
    readCommandLine(
      args.map((it) => it.replaceAll("'", '')),
      { env: {}, hostname: '' },
    )
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** Why the program would not take what an example types, or undefined. */
function refusal(example: string): string | undefined {
  const words = (example.split(' > ')[0] ?? '').match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []
  let command = program
  let at = 0
  for (; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const child = command.commands.find((it) => it.name() === word || it.aliases().includes(word))
    if (child === undefined) break
    command = child
  }
  if (command.commands.length > 0) return 'names a group'
  const { operands, unknown } = command.parseOptions(words.slice(at))
  let left = unknown
  for (let group = command.parent; group; group = group.parent) left = group.parseOptions(left).unknown
  if (command.name() === 'controller') return refusalOfControllers([...operands, ...left])
  const refused = left.filter((it) => it.startsWith('-'))
  if (refused.length > 0) return `has no ${refused.join(', ')}`
  const takes = command.registeredArguments
  if (operands.length > takes.length && !takes.some((it) => it.variadic)) return 'has too many arguments'
  return operands.length < takes.filter((it) => it.required).length ? 'lacks an argument' : undefined
}
