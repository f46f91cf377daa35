import { packTree } from '@sluice/artifact'
import { unpackTarGz } from '@sluice/host'
import type { FileTree } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../../command-context.ts'
import { objectFlags } from '../../flags.ts'
import { statusLines } from '../../output/terminal.ts'
import { addFileFlags, exclusionsOf, type FileFlags, localFiles } from './local-files.ts'
import { openRegistry } from './open-registry.ts'
import { filesOf, pullFiles } from './pulled-files.ts'
import { explained } from './registry-failure.ts'
import { addRegistryFlags, type RegistryFlags } from './registry-flags.ts'

type DiffFlags = FileFlags & RegistryFlags

const maxBytes = 4 * 1024 ** 3

export function addDiffArtifact(group: Command, context: CommandContext): void {
  const command = group
    .command('artifact [url]')
    .description('print which local files are not as in an artifact')
  addFileFlags(addRegistryFlags(command)).action((url: string | undefined, flags: DiffFlags) =>
    diffCommand(url, { flags: { ...objectFlags(command), ...flags }, context }),
  )
}

type Options = { readonly flags: ObjectFlags & DiffFlags; readonly context: CommandContext }

/**
 * Compares files, not archives: how something was packed is no difference.
 *
 * @throws {CliError} when there are differences.
 */
async function diffCommand(url: string | undefined, { flags, context }: Options): Promise<void> {
  if (url === undefined) throw new CliError('artifact URL is required')
  const packed = await packTree(await localFiles(flags, context), exclusionsOf(flags))
  const local = await unpackTarGz(packed, { maxBytes })
  await using registry = await openRegistry(url, { flags, context })
  const { client, reference } = registry
  const remote = await explained('pulling artifact failed', () =>
    pullFiles(client, reference.digest ?? reference.tag ?? 'latest'),
  )
  const changes = changesBetween(remote.tree, local)
  for (const change of changes) context.terminal.out(`${change}\n`)
  if (changes.length > 0) throw new CliError('the remote artifact contents differs from the local one')
  statusLines(context.terminal).success('no changes detected')
}

/** Files that are there only locally, only in the artifact, or in both and not the same. */
function changesBetween(remote: FileTree, local: FileTree): readonly string[] {
  const paths = new Set([...filesOf(remote), ...filesOf(local)])
  return [...paths].toSorted().flatMap((path) => {
    const [before, after] = [remote.stat(path), local.stat(path)]
    if (before?.kind !== 'file') return [`+ ${path}`]
    if (after?.kind !== 'file') return [`- ${path}`]
    const isSame =
      before.executable === after.executable && Buffer.compare(remote.read(path), local.read(path)) === 0
    return isSame ? [] : [`~ ${path}`]
  })
}
