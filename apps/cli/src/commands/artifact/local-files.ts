import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { ignorePatternsFilter, packTree } from '@sluice/artifact'
import { diskFileTree } from '@sluice/host'
import { type FileTree, type MemoryFile, memoryFileTree } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated } from '../../flags.ts'

/** What of the person's files goes into an artifact. */
export type FileFlags = {
  readonly path?: string
  readonly ignorePaths: readonly string[]
  readonly addIgnorePaths: readonly string[]
  readonly resolveSymlinks?: boolean
}

/** Left out where nothing else is said. Source: fluxcd/pkg sourceignore, version control and extensions. */
const defaultIgnorePaths = [
  '.git/ .gitignore .gitmodules .gitattributes',
  '*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip',
].flatMap((line) => line.split(' '))

/** The default gives way to the first that is named. */
function ignorePaths(text: string, before: readonly string[]): readonly string[] {
  return commaSeparated(text, before === defaultIgnorePaths ? [] : before)
}

export function addFileFlags(command: Command, { short = '' }: { readonly short?: string } = {}): Command {
  return command
    .option(`${short}--path <path>`, 'directory or file with the manifests')
    .option(
      '--ignore-paths <patterns>',
      'what to leave out, as .gitignore has it',
      ignorePaths,
      defaultIgnorePaths,
    )
    .option('--add-ignore-paths <patterns>', 'what to leave out beside --ignore-paths', commaSeparated, [])
}

export function addSymlinkFlag(command: Command): Command {
  return command.option('--resolve-symlinks', 'copy what links lead to, instead of leaving them out', false)
}

/** The path that the flags name; `-` stands for the input. @throws {CliError} when there is nothing. */
export async function localFiles(flags: FileFlags, context: CommandContext): Promise<FileTree> {
  const { path = '' } = flags
  if (path === '') throw new CliError('invalid path ""')
  if (path === '-') {
    const text = (await context.readInput()).replace(/[\r\n]+$/, '')
    return memoryFileTree([['stdin.yaml', text]])
  }
  const place = resolve(context.workingDirectory, path)
  const stats = statSync(place, { throwIfNoEntry: false })
  if (!stats) throw new CliError(`invalid path '${path}', must point to an existing directory or file`)
  if (!stats.isDirectory()) {
    const executable = (stats.mode & 0o111) !== 0
    return memoryFileTree([[basename(place), { content: readFileSync(place), executable }]])
  }
  return flags.resolveSymlinks ? withoutLinks(place) : diskFileTree(place)
}

/** What is packed of a tree. */
export async function packFiles(tree: FileTree, flags: FileFlags): Promise<Uint8Array> {
  return packTree(tree, exclusionsOf(flags))
}

export function exclusionsOf({
  ignorePaths: ignored,
  addIgnorePaths,
}: FileFlags): ReturnType<typeof ignorePatternsFilter> {
  return ignorePatternsFilter([...ignored, ...addIgnorePaths].join('\n'))
}

/** A directory in which what links lead to takes their places. @throws {CliError} when a link leads nowhere. */
function withoutLinks(root: string): FileTree {
  const files: [string, MemoryFile][] = []
  copy(root, '', new Set())
  return memoryFileTree(files)

  function copy(directory: string, target: string, above: ReadonlySet<string>): void {
    const real = realPath(directory)
    // A link to a directory that it lies in.
    if (above.has(real)) return
    for (const name of readdirSync(real)) {
      const from = join(real, name)
      const to = target === '' ? name : `${target}/${name}`
      const place = lstatSync(from).isSymbolicLink() ? realPath(from) : from
      const stats = statSync(place)
      if (stats.isDirectory()) copy(place, to, new Set([...above, real]))
      else if (stats.isFile()) {
        files.push([to, { content: readFileSync(place), executable: (stats.mode & 0o111) !== 0 }])
      }
    }
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (cause) {
    const why = (cause as Error).message
    throw new CliError(`resolving symlinks failed: resolving symlink ${path}: ${why}`, { cause })
  }
}
