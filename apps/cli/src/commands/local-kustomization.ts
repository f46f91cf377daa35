import { join } from 'node:path'
import { ignorePatternsFilter } from '@sluice/artifact'
import { type Cluster, isApiError, type ObjectKey } from '@sluice/cluster'
import { buildKustomization, ownerLabels, withCommonMetadata, withLabels } from '@sluice/delivery'
import { readVariables } from '@sluice/kustomize-controller'
import type { KubeObject } from '@sluice/ports'
import type { Kustomization } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { commaSeparated } from '../flags.ts'
import { cliKind } from '../kinds.ts'
import { maskSecret } from '../output/mask-secret.ts'
import { existingDirectory, treeAt } from './build-directory.ts'
import { objectInFile } from './object-in-file.ts'

/** Flags of the commands that build a Kustomization from a local directory. */
export type LocalFlags = ObjectFlags & {
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
  /** Manifests that are left out where no kustomization names them, as `.gitignore` has it. */
  readonly ignorePaths: readonly string[]
}

export type LocalWork = {
  readonly flags: LocalFlags
  readonly context: CommandContext
  /** Connects when it is asked for. */
  readonly connect: () => Promise<Cluster>
}

export function addLocalFlags(command: Command): Command {
  return command
    .option('--path <directory>', 'local directory with the manifests of the Kustomization')
    .option('--kustomization-file <file>', 'file with the Kustomization')
    .option('--strict-substitute', 'a variable without a value is an error', false)
    .option('-r, --recursive', 'go on with the Kustomizations among the objects', false)
    .option('--local-sources <Kind/namespace/name=directory>', 'where their sources are', commaSeparated, [])
    .option(
      '--ignore-paths <patterns>',
      'manifests to leave out, as .gitignore names them',
      commaSeparated,
      [],
    )
    .option('--in-memory-build', 'accepted and without effect: nothing is ever written')
}

/** The objects of a Kustomization as it would apply them, with what is encrypted masked. */
export async function buildLocally(
  object: Kustomization,
  directory: string,
  work: LocalWork,
): Promise<readonly KubeObject[]> {
  const { spec, metadata } = object
  const { flags, context } = work
  const { name = '', namespace = flags.namespace } = metadata
  const variables = await variablesOf(object, work)
  const { objects, warnings } = buildKustomization({
    ...treeAt(directory),
    spec,
    variables: () => variables,
    strict: flags.strictSubstitute,
    ...(flags.ignorePaths.length > 0 && { leavesOut: ignorePatternsFilter(flags.ignorePaths.join('\n')) }),
  })
  for (const warning of warnings) context.terminal.err(`⚠️ ${warning}\n`)
  const { group } = cliKind('Kustomization').resource
  return objects.map((it) =>
    withCommonMetadata(
      maskSecret(withLabels(it, ownerLabels(group, { name, namespace }))),
      spec.commonMetadata,
    ),
  )
}

/** The built object when it is a Kustomization, and not the one that it was built for. */
export function innerKustomization(
  object: KubeObject,
  { metadata }: Kustomization,
  { flags }: LocalWork,
): Kustomization | undefined {
  const { group, kind } = cliKind('Kustomization').resource
  if (object.kind !== kind || !object.apiVersion.startsWith(`${group}/`)) return undefined
  const namespace = metadata.namespace ?? flags.namespace
  const isOther =
    object.metadata.name !== metadata.name || (object.metadata.namespace ?? namespace) !== namespace
  return isOther ? (object as Kustomization) : undefined
}

async function variablesOf(object: Kustomization, { flags, context, connect }: LocalWork) {
  const inline = new Map(Object.entries(object.spec.postBuild?.substitute ?? {}))
  const needsCluster = (object.spec.postBuild?.substituteFrom ?? []).length > 0
  if (flags.dryRun || !needsCluster) return inline
  const { namespace = flags.namespace } = object.metadata
  const placed = { ...object, metadata: { ...object.metadata, namespace } }
  return readVariables(placed, { cluster: await connect(), signal: context.signal })
}

/** The directory that `--local-sources` gives for the source of a Kustomization. @throws {CliError} */
export function localDirectory({ spec, metadata }: Kustomization, { flags, context }: LocalWork): string {
  const { kind, name, namespace = metadata.namespace ?? flags.namespace } = spec.sourceRef
  const key = `${kind}/${namespace}/${name}`
  const found = flags.localSources.find((it) => it.startsWith(`${key}=`))
  if (found === undefined) {
    throw new CliError(`cannot get local path for ${key} of kustomization ${metadata.name ?? ''}`)
  }
  return existingDirectory(join(found.slice(key.length + 1), spec.path ?? ''), context)
}

/** From the file when one is given, else from the cluster. @throws {CliError} */
export async function kustomizationNamed(name: string, work: LocalWork): Promise<Kustomization> {
  const { flags, context, connect } = work
  if (flags.kustomizationFile !== undefined) return readKustomization(name, flags.kustomizationFile, work)
  return await liveKustomization({ namespace: flags.namespace, name }, await connect(), context)
}

/** @throws {CliError} */
export async function liveKustomization(
  key: ObjectKey,
  cluster: Cluster,
  { signal }: Pick<CommandContext, 'signal'>,
): Promise<Kustomization> {
  try {
    return await cluster.get<Kustomization>(cliKind('Kustomization').resource, key, { signal })
  } catch (cause) {
    if (!isApiError(cause, 'NotFound')) throw cause
    throw new CliError(`failed to get kustomization object: ${cause.message}`, { cause })
  }
}

/** @throws {CliError} */
export function readKustomization(name: string, file: string, { flags, context }: LocalWork): Kustomization {
  const { workingDirectory } = context
  const key = { namespace: flags.namespace, name }
  return objectInFile<Kustomization>('Kustomization', key, { file, workingDirectory }).object
}
