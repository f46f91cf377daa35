import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Cluster, isApiError } from '@sluice/cluster'
import { buildKustomization, ownerLabels, withCommonMetadata, withLabels } from '@sluice/delivery'
import { readVariables } from '@sluice/kustomize-controller'
import type { JsonObject, KubeObject } from '@sluice/ports'
import type { Kustomization } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { commandAt } from '../command-tree.ts'
import { commaSeparated, objectFlags } from '../flags.ts'
import { cliKind } from '../kinds.ts'
import { maskSecret } from '../output/mask-secret.ts'
import { readManifest } from './apply.ts'
import {
  addDirectoryFlags,
  buildDirectory,
  type DirectoryFlags,
  existingDirectory,
  treeAt,
} from './build-directory.ts'

export type BuildFlags = ObjectFlags &
  DirectoryFlags & {
    /** Local directory of what the Kustomization's source has at its path. */
    readonly path?: string
    /** A file with the Kustomization, instead of the one in the cluster. */
    readonly kustomizationFile?: string
    /** Ask no cluster; variables of ConfigMaps and Secrets are left as they are. */
    readonly dryRun: boolean
    readonly strictSubstitute: boolean
    /** Also build the Kustomizations that are built. */
    readonly recursive: boolean
    /** `<Kind>/<namespace>/<name>=<directory>`. */
    readonly localSources: readonly string[]
  }

type Work = {
  readonly flags: BuildFlags
  readonly context: CommandContext
  /** Connects when it is asked for. */
  readonly connect: () => Promise<Cluster>
}

export function addBuild(program: Command, context: CommandContext): void {
  const group = program.command('build').description('build what would be applied')
  const command = commandAt(group, 'kustomization', '[name-or-path]')
    .alias('ks')
    .description(
      'build a Kustomization from a local directory (--path), or the directory as `kustomize build` does',
    )
    .option('--path <directory>', 'local directory with the manifests of the Kustomization')
    .option('--kustomization-file <file>', 'file with the Kustomization')
    .option('--dry-run', 'ask no cluster', false)
    .option('--strict-substitute', 'a variable without a value is an error', false)
    .option('-r, --recursive', 'build the Kustomizations that are built', false)
    .option('--local-sources <Kind/namespace/name=directory>', 'where their sources are', commaSeparated, [])
    .option('--ignore-paths <paths>', 'accepted and without effect: only what is referred to is read')
    .option('--in-memory-build', 'accepted and without effect: nothing is ever written')
    .action((target: string | undefined, flags: Omit<BuildFlags, keyof ObjectFlags>) =>
      buildCommand(target, { flags: { ...objectFlags(command), ...flags }, context }),
    )
  addDirectoryFlags(command)
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
  const work = { flags, context, connect }
  const object = await kustomizationNamed(target, work)
  const directory = existingDirectory(flags.path, context)
  const objects = await built(object, directory, work)
  context.terminal.out(objects.map((it) => `${printYaml(it as JsonObject)}---\n`).join(''))
}

/** The objects of one Kustomization, then those of the ones among them. */
async function built(object: Kustomization, directory: string, work: Work): Promise<readonly KubeObject[]> {
  const { spec, metadata } = object
  const { name = '', namespace = work.flags.namespace } = metadata
  const variables = await variablesOf(object, work)
  const { objects, warnings } = buildKustomization({
    ...treeAt(directory),
    spec,
    variables: () => variables,
    strict: work.flags.strictSubstitute,
  })
  for (const warning of warnings) work.context.terminal.err(`⚠️ ${warning}\n`)
  const { group } = cliKind('Kustomization').resource
  const owned = objects.map((it) =>
    withCommonMetadata(
      maskSecret(withLabels(it, ownerLabels(group, { name, namespace }))),
      spec.commonMetadata,
    ),
  )
  if (!work.flags.recursive) return owned
  const inner: KubeObject[] = []
  for (const it of owned) {
    const isOther = it.metadata.name !== name || (it.metadata.namespace ?? namespace) !== namespace
    if (it.kind !== 'Kustomization' || !it.apiVersion.startsWith(`${group}/`) || !isOther) continue
    // Sequential: errors name the first Kustomization that fails.
    const child = it as Kustomization
    inner.push(...(await built(child, localDirectory(child, work), work)))
  }
  return [...owned, ...inner]
}

async function variablesOf(object: Kustomization, { flags, context, connect }: Work) {
  const inline = new Map(Object.entries(object.spec.postBuild?.substitute ?? {}))
  const needsCluster = (object.spec.postBuild?.substituteFrom ?? []).length > 0
  if (flags.dryRun || !needsCluster) return inline
  const { namespace = flags.namespace } = object.metadata
  const placed = { ...object, metadata: { ...object.metadata, namespace } }
  return readVariables(placed, { cluster: await connect(), signal: context.signal })
}

/** The directory that `--local-sources` gives for the source of a Kustomization. @throws {CliError} */
function localDirectory({ spec, metadata }: Kustomization, { flags, context }: Work): string {
  const { kind, name, namespace = metadata.namespace ?? flags.namespace } = spec.sourceRef
  const key = `${kind}/${namespace}/${name}`
  const found = flags.localSources.find((it) => it.startsWith(`${key}=`))
  if (found === undefined) {
    throw new CliError(`cannot get local path for ${key} of kustomization ${metadata.name ?? ''}`)
  }
  return existingDirectory(join(found.slice(key.length + 1), spec.path ?? ''), context)
}

/** From the file when one is given, else from the cluster. @throws {CliError} */
async function kustomizationNamed(name: string, work: Work): Promise<Kustomization> {
  const { flags, context, connect } = work
  if (flags.kustomizationFile !== undefined) return readKustomization(name, flags.kustomizationFile, work)
  try {
    const cluster = await connect()
    const key = { namespace: flags.namespace, name }
    return await cluster.get<Kustomization>(cliKind('Kustomization').resource, key, {
      signal: context.signal,
    })
  } catch (cause) {
    if (!isApiError(cause, 'NotFound')) throw cause
    throw new CliError(`failed to get kustomization object: ${cause.message}`, { cause })
  }
}

function readKustomization(name: string, file: string, { flags, context }: Work): Kustomization {
  const { group, kind } = cliKind('Kustomization').resource
  let text: string
  try {
    text = readFileSync(resolve(context.workingDirectory, file), 'utf8')
  } catch (cause) {
    throw new CliError(`invalid kustomization file ${JSON.stringify(file)}`, { cause })
  }
  const found = readManifest(text, file).find(
    ({ apiVersion, metadata, ...it }) =>
      it.kind === kind &&
      apiVersion.startsWith(`${group}/`) &&
      metadata.name === name &&
      (metadata.namespace ?? flags.namespace) === flags.namespace,
  )
  if (!found) {
    throw new CliError(
      `failed find kustomization with name '${name}' and namespace '${flags.namespace}' in file '${file}'`,
    )
  }
  return found as Kustomization
}
