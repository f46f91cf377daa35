import type { Cluster } from '@sluice/cluster'
import type { JsonObject, KubeObject } from '@sluice/ports'
import type { Kustomization } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { commandAt } from '../command-tree.ts'
import { objectFlags } from '../flags.ts'
import { addBuildArtifact } from './artifact/build.ts'
import {
  addDirectoryFlags,
  buildDirectory,
  type DirectoryFlags,
  existingDirectory,
} from './build-directory.ts'
import {
  addLocalReleaseFlags,
  buildLocalRelease,
  type LocalReleaseFlags,
  localRelease,
} from './local-helm-release.ts'
import {
  addLocalFlags,
  buildLocally,
  innerKustomization,
  kustomizationNamed,
  type LocalFlags,
  type LocalWork,
  localDirectory,
} from './local-kustomization.ts'

export type BuildFlags = LocalFlags & DirectoryFlags

export function addBuild(program: Command, context: CommandContext): void {
  const group = program.command('build').description('build what would be applied')
  addBuildArtifact(group, context)
  const command = commandAt(group, 'kustomization', '[name-or-path]')
    .alias('ks')
    .description(
      'build a Kustomization from a local directory (--path), or the directory as `kustomize build` does',
    )
    .option('--dry-run', 'ask no cluster', false)
    .action((target: string | undefined, flags: Omit<BuildFlags, keyof ObjectFlags>) =>
      buildCommand(target, { flags: { ...objectFlags(command), ...flags }, context }),
    )
  addLocalFlags(command)
  addDirectoryFlags(command)
  const release = commandAt(group, 'helmrelease', '[name]')
    .alias('hr')
    .description('build the objects that a HelmRelease would release from local files')
    .action((name: string | undefined, flags: Omit<LocalReleaseFlags, keyof ObjectFlags>) =>
      buildHelmReleaseCommand(name, { flags: { ...objectFlags(release), ...flags }, context }),
    )
  addLocalReleaseFlags(release)
}

/** `build helmrelease NAME --path PATH`. @throws {CliError} */
export async function buildHelmReleaseCommand(
  name: string | undefined,
  { flags, context }: { readonly flags: LocalReleaseFlags; readonly context: CommandContext },
): Promise<void> {
  if (name === undefined) throw new CliError('helmrelease name is required')
  if (flags.path === undefined) throw new CliError('invalid resource path ""')
  const connect = async (): Promise<Cluster> => (await context.connect(flags)).cluster
  const release = await localRelease(name, { flags, context, connect })
  print(buildLocalRelease(release, flags.path, context), context)
}

/** `build kustomization NAME --path DIRECTORY`, or `build kustomization DIRECTORY`. @throws {CliError} */
export async function buildCommand(
  target: string | undefined,
  { flags, context }: { readonly flags: BuildFlags; readonly context: CommandContext },
): Promise<void> {
  if (target === undefined) throw new CliError('kustomization name is required')
  if (flags.path === undefined) {
    buildDirectory(target, { flags, context })
    return
  }
  if (flags.dryRun && flags.kustomizationFile === undefined) {
    throw new CliError('dry-run mode requires a kustomization file')
  }
  const connect = async (): Promise<Cluster> => (await context.connect(flags)).cluster
  const work: LocalWork = { flags, context, connect }
  const object = await kustomizationNamed(target, work)
  const directory = existingDirectory(flags.path, context)
  const objects = await built(object, directory, work)
  print(objects, context)
}

function print(objects: readonly KubeObject[], { terminal }: CommandContext): void {
  terminal.out(objects.map((it) => `${printYaml(it as JsonObject)}---\n`).join(''))
}

/** The objects of one Kustomization, then those of the ones among them. */
async function built(
  object: Kustomization,
  directory: string,
  work: LocalWork,
): Promise<readonly KubeObject[]> {
  const owned = await buildLocally(object, directory, work)
  if (!work.flags.recursive) return owned
  const inner: KubeObject[] = []
  for (const it of owned) {
    const child = innerKustomization(it, object, work)
    // Sequential: errors name the first Kustomization that fails.
    if (child) inner.push(...(await built(child, localDirectory(child, work), work)))
  }
  return [...owned, ...inner]
}
