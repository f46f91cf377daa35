import { ApiError, type Cluster, type ObjectKey } from '@sluice/cluster'
import type { JsonObject } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import type { CliKind } from '../kinds.ts'
import { exportText, manifestText } from '../output/export-text.ts'
import { selectByName } from '../select-objects.ts'
import { addPerKind } from './per-kind.ts'

export type ExportFlags = ObjectFlags & {
  readonly all: boolean
  /** Print the Secrets with credentials too. */
  readonly withCredentials?: boolean
}

/** Kinds whose credentials can be printed. */
const withSecrets: readonly string[] = ['GitRepository', 'OCIRepository', 'HelmRepository', 'Bucket']

export function addExport(program: Command, context: CommandContext): void {
  const group = program
    .command('export')
    .description('print objects of the toolkit as manifests')
    .option('--all', 'all objects of the kind in the namespace', false)
  addPerKind(group, { verb: 'export', parameters: '[name]' }, (command, kind) => {
    command.description(`print ${kind.kind} objects as manifests`).action((name: string | undefined) => {
      const { all, withCredentials = false } = command.optsWithGlobals<ExportFlags>()
      return exportCommand(kind, name, {
        flags: { ...objectFlags(command), all, withCredentials },
        context,
      })
    })
    if (withSecrets.includes(kind.kind)) {
      command.option('--with-credentials', 'print the Secrets with credentials too')
    }
  })
}

/** `export KIND NAME | --all`. @throws {CliError} when there is nothing to print. */
export async function exportCommand(
  kind: CliKind,
  name: string | undefined,
  { flags, context }: { readonly flags: ExportFlags; readonly context: CommandContext },
): Promise<void> {
  const { namespace, all } = flags
  if (name === undefined && !all) throw new CliError('name is required')
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const objects =
    all || name === undefined
      ? await selectByName(cluster, kind, { namespace, signal })
      : [await cluster.get<ToolkitObject>(kind.resource, { namespace, name }, { signal })]
  if (objects.length === 0) throw new CliError(`no objects found in ${namespace} namespace`)
  for (const object of objects) {
    context.terminal.out(exportText(object))
    const secret = flags.withCredentials ? secretOf(object) : undefined
    // In the order of the objects.
    if (secret) context.terminal.out(await credentialsText(cluster, secret, signal))
  }
}

/** The Secret that an object names for its credentials. */
function secretOf({ metadata, spec }: ToolkitObject): ObjectKey | undefined {
  const { secretRef } = spec as { readonly secretRef?: { readonly name: string } }
  return secretRef && { namespace: metadata.namespace ?? '', name: secretRef.name }
}

/** A Secret as `export` prints it. @throws {CliError} */
async function credentialsText(cluster: Cluster, key: ObjectKey, signal: AbortSignal): Promise<string> {
  const secrets = await cluster.resourceFor('v1', 'Secret', { signal })
  try {
    const { data, type } = await cluster.get(secrets, key, { signal })
    return manifestText({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: key.name, namespace: key.namespace ?? '' },
      ...(data !== undefined && { data: data as JsonObject }),
      ...(type !== undefined && { type: type as string }),
    })
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause
    throw new CliError(`failed to retrieve secret ${key.name}, error: ${cause.message}`, { cause })
  }
}
