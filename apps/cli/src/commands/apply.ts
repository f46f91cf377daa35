import { readFileSync } from 'node:fs'
import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { isKubeObject, type KubeObject } from '@sluice/ports'
import { parseYamlDocuments } from '@sluice/yaml'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, type ConnectionFlags, commandSignal } from '../command-context.ts'
import { type GlobalOptions, objectFlags } from '../flags.ts'

export type ApplyFlags = ConnectionFlags & { readonly namespace?: string; readonly timeoutMs: number }

const fieldManager = 'sluice'

export function addApply(program: Command, context: CommandContext): void {
  const command = program
    .command('apply')
    .description('apply manifests to the cluster, for machines without kubectl')
    .requiredOption('-f, --filename <file...>', 'file to apply, - for standard input')
    .action(({ filename }: { filename: string[] }) => {
      const { namespace: _default, ...connection } = objectFlags(command)
      const { namespace } = program.opts<GlobalOptions>()
      return applyCommand(filename, {
        flags: { ...connection, ...(namespace !== undefined && { namespace }) },
        context,
      })
    })
}

/** `apply -f FILE`, for people without kubectl: server-side apply of every document of the files. */
export async function applyCommand(
  files: readonly string[],
  { flags, context }: { readonly flags: ApplyFlags; readonly context: CommandContext },
): Promise<void> {
  const objects = files.flatMap((file) => readManifest(readText(file), file))
  const { cluster, contextNamespace } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const namespace = flags.namespace ?? contextNamespace ?? 'default'
  for (const object of objects) {
    // Sequential: a namespace or CRD earlier in the files must exist for what follows.
    const { resource, outcome } = await applyObject(cluster, object, { namespace, signal })
    context.terminal.out(`${displayName(resource)}/${object.metadata.name} ${outcome}\n`)
  }
}

/** The objects of a YAML text, Lists opened. @throws {CliError} for documents that are no objects. */
export function readManifest(text: string, source: string): KubeObject[] {
  return parseYamlDocuments(text)
    .map((document) => document.value)
    .filter((value) => value != null)
    .flatMap((value) => {
      if (!isKubeObject(value)) {
        throw new CliError(`${source}: a document has no apiVersion, kind or metadata`)
      }
      return value.kind === 'List' ? ((value['items'] ?? []) as KubeObject[]) : [value]
    })
}

/** Applies one object, into `namespace` when its kind is namespaced and it names none. */
export async function applyObject(
  cluster: Cluster,
  object: KubeObject,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<{ readonly resource: Resource; readonly outcome: 'created' | 'configured' | 'unchanged' }> {
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  const placed: KubeObject = resource.namespaced
    ? { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } }
    : object
  const before = await currentVersion(cluster, resource, { object: placed, signal })
  const after = await cluster.apply(resource, placed, { fieldManager, force: true, signal })
  if (before === undefined) return { resource, outcome: 'created' }
  return { resource, outcome: before === after.metadata.resourceVersion ? 'unchanged' : 'configured' }
}

async function currentVersion(
  cluster: Cluster,
  resource: Resource,
  { object, signal }: { readonly object: KubeObject; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { namespace, name = '' } = object.metadata
  try {
    const key = { name, ...(namespace === undefined ? {} : { namespace }) }
    const { metadata } = await cluster.get(resource, key, { signal })
    return metadata.resourceVersion
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

function displayName({ kind, group }: Resource): string {
  return group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new CliError(`cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
}
