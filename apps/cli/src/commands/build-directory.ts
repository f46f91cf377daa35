import { realpathSync, statSync, writeFileSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { chartInflater } from '@sluice/delivery'
import { diskFileTree, hostCompression, nodeCrypto, systemClock, systemRandom } from '@sluice/host'
import { type BuiltResource, build, printResources } from '@sluice/kustomize'
import { type FileTree, parseApiVersion } from '@sluice/ports'
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { commaSeparated } from '../flags.ts'

/** kustomize's own flags, for a build of a directory without a Kustomization. */
export type DirectoryFlags = {
  /** A file, or a directory that gets a file a resource; standard output when absent. */
  readonly output?: string
  readonly loadRestrictor: 'LoadRestrictionsRootOnly' | 'LoadRestrictionsNone'
  readonly reorder: 'legacy' | 'none'
  readonly enableHelm: boolean
  readonly helmKubeVersion?: string
  readonly helmApiVersions: readonly string[]
  readonly enableManagedbyLabel: boolean
}

export function addDirectoryFlags(command: Command): Command {
  return command
    .option(
      '-o, --output <path>',
      'without --path: write to this file, or a file a resource to this directory',
    )
    .addOption(
      new Option('--load-restrictor <what>', 'without --path: whether files may lie outside of the directory')
        .choices(['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'])
        .default('LoadRestrictionsRootOnly'),
    )
    .addOption(
      new Option('--reorder <how>', 'without --path: order of the output where no sortOptions say it')
        .choices(['legacy', 'none'])
        .default('legacy'),
    )
    .option('--enable-helm', 'without --path: render the Helm charts that lie in the tree', false)
    .option('--helm-kube-version <version>', 'Kubernetes version that charts see')
    .option('--helm-api-versions <versions>', 'API versions that charts see', commaSeparated, [])
    .option('--enable-managedby-label', 'without --path: label resources with what built them', false)
}

/** What `kustomize build` prints or writes. @throws {CliError} KustomizeError */
export function buildDirectory(
  target: string,
  { flags, context }: { readonly flags: DirectoryFlags; readonly context: CommandContext },
): void {
  const { tree, directory } = treeAt(existingDirectory(target, context))
  const ports = { clock: systemClock, random: systemRandom, crypto: nodeCrypto }
  const { resources, warnings } = build(tree, directory, {
    loadRestrictor: flags.loadRestrictor === 'LoadRestrictionsNone' ? 'none' : 'rootOnly',
    reorder: flags.reorder,
    managedByLabel: flags.enableManagedbyLabel,
    ...(flags.enableHelm && { inflater: chartInflater(tree, { compression: hostCompression, ports }) }),
    ...(flags.helmKubeVersion !== undefined && { helmKubeVersion: flags.helmKubeVersion }),
    ...(flags.helmApiVersions.length > 0 && { helmApiVersions: flags.helmApiVersions }),
  })
  for (const warning of warnings) context.terminal.err(`# Warning: ${warning}\n`)
  if (flags.output === undefined) {
    context.terminal.out(printResources(resources))
    return
  }
  const output = resolve(context.workingDirectory, flags.output)
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory()) writeEach(resources, output)
  else writeFileSync(output, printResources(resources))
}

/** A file a resource, named as kustomize does; the namespace is part of it where there are several. */
function writeEach(resources: readonly BuiltResource[], directory: string): void {
  const namespaces = new Set(resources.map((it) => it.namespace).filter((it) => it !== ''))
  for (const resource of resources) {
    const { group, version } = parseApiVersion(resource.apiVersion)
    const namespace = namespaces.size > 1 ? resource.namespace : ''
    const parts = [namespace, group, version, resource.kind, resource.name]
    const name = parts.filter((part) => part !== undefined && part !== '').join('_')
    // A name is what the input says: it must not lead out of the directory.
    writeFileSync(join(directory, `${name.toLowerCase().replaceAll(/[/\\]/g, '_')}.yaml`), resource.toYaml())
  }
}

/** The directory without links on the way, which trees do not follow. @throws {CliError} when it is none. */
export function existingDirectory(path: string, { workingDirectory }: CommandContext): string {
  const absolute = resolve(workingDirectory, path)
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CliError(`invalid resource path ${JSON.stringify(absolute)}`)
  }
  return realpathSync(absolute)
}

/** The disk as a tree, so that a kustomization may refer to what lies beside its directory. */
export function treeAt(absolute: string): { readonly tree: FileTree; readonly directory: string } {
  const { root } = parse(absolute)
  return { tree: diskFileTree(root), directory: absolute.slice(root.length).replaceAll('\\', '/') }
}
