import { type Cluster, isApiError, type ObjectId, parseInventoryId } from '@sluice/cluster'
import { type JsonObject, parseApiVersion } from '@sluice/ports'
import { type HelmRelease, type Kustomization, labels } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { commandAt } from '../command-tree.ts'
import { objectFlags } from '../flags.ts'
import { cliKind } from '../kinds.ts'
import { latestRelease } from '../release-record.ts'
import { readManifest } from './apply.ts'

export type TreeFlags = ObjectFlags & {
  /** Only objects of the toolkit. */
  readonly compact: boolean
  readonly output?: 'json' | 'yaml'
}

/** An object and what it brought into the cluster. */
export type ObjectTree = { readonly id: ObjectId; readonly children: readonly ObjectTree[] }

type Walk = {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly compact: boolean
  /** Kustomizations on the way here, so that a circle ends. */
  readonly above: ReadonlySet<string>
}

const toolkitGroup = 'toolkit.fluxcd.io'

export function addTree(program: Command, context: CommandContext): void {
  const tree = program.command('tree').description('print what objects have brought into the cluster')
  const command = commandAt(tree, 'kustomization', '[name]')
    .aliases(['ks', 'kustomizations'])
    .description('print the inventory of a Kustomization')
    .option('--compact', 'only objects of the toolkit', false)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['json', 'yaml']))
    .action((name: string | undefined, flags: Pick<TreeFlags, 'compact' | 'output'>) =>
      treeCommand(name, { flags: { ...objectFlags(command), ...flags }, context }),
    )
}

/** `tree kustomization NAME [--compact] [-o json|yaml]`. */
export async function treeCommand(
  name: string | undefined,
  { flags, context }: { readonly flags: TreeFlags; readonly context: CommandContext },
): Promise<void> {
  if (name === undefined) throw new CliError('kustomization name is required')
  const { cluster } = await context.connect(flags)
  const { compact, namespace, output } = flags
  const { resource, kind } = cliKind('Kustomization')
  const id = { namespace, name, group: resource.group, kind }
  const object = await cluster.get<Kustomization>(resource, { namespace, name }, { signal: context.signal })
  const walk = { cluster, signal: context.signal, compact, above: new Set([keyOf(id)]) }
  const tree = { id, children: await inventoryTrees(object, walk) }
  const text =
    output === 'json'
      ? `${JSON.stringify(treeRecord(tree), undefined, 2)}\n`
      : output === 'yaml'
        ? `${printYaml(treeRecord(tree))}\n`
        : `${treeLines(tree).join('\n')}\n\n`
  context.terminal.out(text)
}

async function inventoryTrees(object: Kustomization, walk: Walk): Promise<ObjectTree[]> {
  const ids = (object.status?.inventory?.entries ?? [])
    .map(({ id }) => parseInventoryId(id))
    .filter((id) => isShown(id, walk) && !walk.above.has(keyOf(id)))
  const trees: ObjectTree[] = []
  // Sequential: a Kustomization of many others would otherwise ask for all at once.
  for (const id of ids) trees.push({ id, children: await childrenOf(id, object, walk) })
  return trees
}

async function childrenOf(id: ObjectId, { spec }: Kustomization, walk: Walk): Promise<ObjectTree[]> {
  const { cluster, signal } = walk
  const key = { namespace: id.namespace, name: id.name }
  if (isOfKind(id, 'HelmRelease')) {
    const release = await cluster.get<HelmRelease>(cliKind('HelmRelease').resource, key, { signal })
    const objects = await releaseObjects(release, walk)
    const ids = [...objects, ...(await releaseDefinitions(release, objects, walk))]
    return ids.filter((it) => isShown(it, walk)).map((it) => ({ id: it, children: [] }))
  }
  // What lies in another cluster cannot be looked at from here.
  if (!isOfKind(id, 'Kustomization') || spec.kubeConfig) return []
  const inner = await cluster.get<Kustomization>(cliKind('Kustomization').resource, key, { signal })
  return inventoryTrees(inner, { ...walk, above: new Set([...walk.above, keyOf(id)]) })
}

/** The objects of the latest release, from Helm's record of it. */
async function releaseObjects(object: HelmRelease, walk: Walk): Promise<ObjectId[]> {
  const release = await latestRelease(object, walk)
  if (!release) return []
  try {
    return await Promise.all(
      readManifest(release.manifest, release.name).map(async ({ apiVersion, kind, metadata }) => {
        const { group } = parseApiVersion(apiVersion)
        const { name = '', namespace = '' } = metadata
        const isNamespaced = namespace === '' && (await isNamespacedKind(apiVersion, kind, walk))
        return { kind, name, group, namespace: isNamespaced ? release.namespace : namespace }
      }),
    )
  } catch (error) {
    if (isApiError(error, 'NotFound')) return []
    throw error
  }
}

/** A kind that the cluster no longer serves is taken as it is written. */
async function isNamespacedKind(
  apiVersion: string,
  kind: string,
  { cluster, signal }: Walk,
): Promise<boolean> {
  try {
    return (await cluster.resourceFor(apiVersion, kind, { signal })).namespaced
  } catch (error) {
    if (isApiError(error, 'NoKindMatch')) return false
    throw error
  }
}

/** Definitions that came with the chart, which the record does not have. */
async function releaseDefinitions(
  { spec, status, metadata: { name = '', namespace = '' } }: HelmRelease,
  known: readonly ObjectId[],
  { cluster, signal }: Walk,
): Promise<ObjectId[]> {
  const takesDefinitions = [spec.install?.crds, spec.upgrade?.crds].some((it) => it && it !== 'Skip')
  if (!takesDefinitions || spec.kubeConfig || !status?.history?.[0] || !status.storageNamespace) return []
  const kind = 'CustomResourceDefinition'
  const resource = await cluster.resourceFor('apiextensions.k8s.io/v1', kind, { signal })
  const { items } = await cluster.list(resource, {
    labelSelector: `${labels.helmReleaseName}=${name},${labels.helmReleaseNamespace}=${namespace}`,
    signal,
  })
  const isKnown = new Set(known.filter((it) => it.kind === kind).map((it) => it.name))
  return items
    .map(({ metadata }) => ({ kind, group: resource.group, namespace: '', name: metadata.name ?? '' }))
    .filter((it) => !isKnown.has(it.name))
}

function isShown({ group }: ObjectId, { compact }: Walk): boolean {
  return !compact || group.includes(toolkitGroup)
}

function isOfKind({ group, kind }: ObjectId, wanted: string): boolean {
  return kind === wanted && group === cliKind(wanted).resource.group
}

function keyOf({ group, kind, namespace, name }: ObjectId): string {
  return [group, kind, namespace, name].join('/')
}

/** The tree as lines, children drawn below their parents. */
export function treeLines({ id, children }: ObjectTree): string[] {
  const { kind, namespace, name } = id
  const own = namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
  return [
    own,
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1
      return treeLines(child).map((line, at) => {
        if (at === 0) return `${isLast ? '└── ' : '├── '}${line}`
        return `${isLast ? '    ' : '│   '}${line}`
      })
    }),
  ]
}

function treeRecord({ id, children }: ObjectTree): JsonObject {
  const { namespace, name, group, kind } = id
  return {
    resource: { Namespace: namespace, Name: name, GroupKind: { Group: group, Kind: kind } },
    ...(children.length > 0 && { resources: children.map(treeRecord) }),
  }
}
