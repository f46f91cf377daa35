import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { FileTree } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../../command-context.ts'
import { objectFlags } from '../../flags.ts'
import { statusLines } from '../../output/terminal.ts'
import { openRegistry } from './open-registry.ts'
import { filesOf, pullFiles } from './pulled-files.ts'
import { explained } from './registry-failure.ts'
import { addRegistryFlags, type RegistryFlags } from './registry-flags.ts'

type PullFlags = RegistryFlags & { readonly output?: string }

export function addPull(program: Command, context: CommandContext): void {
  const group = program.command('pull').description('pull artifacts')
  const command = group.command('artifact [url]').description('pull an artifact and unpack it')
  addRegistryFlags(command)
    .option('-o, --output <directory>', 'directory to unpack into')
    .action((url: string | undefined, flags: PullFlags) =>
      pullCommand(url, { flags: { ...objectFlags(command), ...flags }, context }),
    )
}

type Options = { readonly flags: ObjectFlags & PullFlags; readonly context: CommandContext }

/** @throws {CliError} */
async function pullCommand(url: string | undefined, { flags, context }: Options): Promise<void> {
  if (url === undefined) throw new CliError('artifact URL is required')
  const { output = '' } = flags
  if (output === '') throw new CliError('output path cannot be empty')
  const directory = resolve(context.workingDirectory, output)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CliError(`invalid output path "${output}"`, { nextStep: 'create the directory first' })
  }
  const lines = statusLines(context.terminal)
  await using registry = await openRegistry(url, { flags, context })
  const { client, repository, reference } = registry
  lines.action(`pulling artifact from ${registry.url}`)
  const artifact = await explained('pulling artifact failed', () =>
    pullFiles(client, reference.digest ?? reference.tag ?? 'latest'),
  )
  writeFiles(artifact.tree, directory)
  const { annotations } = artifact.manifest
  const source = annotations['org.opencontainers.image.source']
  const revision = annotations['org.opencontainers.image.revision']
  if (source) lines.success(`source ${source}`)
  if (revision) lines.success(`revision ${revision}`)
  lines.success(`digest ${repository}@${artifact.digest}`)
  lines.success(`artifact content extracted to ${output}`)
}

function writeFiles(tree: FileTree, directory: string): void {
  for (const path of filesOf(tree)) {
    const target = join(directory, path)
    const entry = tree.stat(path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, tree.read(path))
    if (entry?.kind === 'file' && entry.executable) chmodSync(target, 0o755)
  }
}
