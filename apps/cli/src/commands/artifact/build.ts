import { chmodSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { statusLines } from '../../output/terminal.ts'
import { addFileFlags, addSymlinkFlag, type FileFlags, localFiles, packFiles } from './local-files.ts'

type BuildFlags = FileFlags & { readonly output: string }

export function addBuildArtifact(group: Command, context: CommandContext): void {
  const command = group.command('artifact').description('pack a directory or a file as an artifact')
  addSymlinkFlag(addFileFlags(command, { short: '-p, ' }))
    .option('-o, --output <path>', 'file to write', 'artifact.tgz')
    .action((flags: BuildFlags) => buildArtifact(flags, context))
}

/** @throws {CliError} */
async function buildArtifact(flags: BuildFlags, context: CommandContext): Promise<void> {
  const lines = statusLines(context.terminal)
  const tree = await localFiles(flags, context)
  lines.action(`building artifact from ${flags.path ?? ''}`)
  const path = resolve(context.workingDirectory, flags.output)
  try {
    writeFileSync(path, await packFiles(tree, flags))
    chmodSync(path, 0o640)
  } catch (cause) {
    throw new CliError(`building artifact failed, error: ${(cause as Error).message}`, { cause })
  }
  lines.success(`artifact created at ${flags.output}`)
}
