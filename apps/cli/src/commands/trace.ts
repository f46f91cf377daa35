import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { formatApiVersion, type KubeObject } from '@sluice/ports'
import {
  type Artifact,
  findCondition,
  type HelmRelease,
  type Kustomization,
  labels,
  type SourceStatus,
  type ToolkitObject,
} from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import { cliKind, sourceOf } from '../kinds.ts'
import { formatTrace, type TraceSection } from '../output/trace-text.ts'

export type TraceFlags = ObjectFlags & { readonly kind?: string; readonly apiVersion?: string }

type Read = { readonly cluster: Cluster; readonly signal: AbortSignal }

// Owners of owners: Deployment, ReplicaSet, Pod and what operators put above them.
const maxOwners = 16

export function addTrace(program: Command, context: CommandContext): void {
  const command = program
    .command('trace [object...]')
    .description('tell which objects of the toolkit an object comes from')
    .option('--kind <kind>', 'kind of the object, such as Deployment')
    .option('--api-version <version>', 'API version of the object, such as apps/v1')
    .action((words: string[], flags: Pick<TraceFlags, 'kind' | 'apiVersion'>) =>
      traceCommand(words, { flags: { ...objectFlags(command), ...flags }, context }),
    )
}

/** `trace KIND NAME…`, `trace KIND/NAME…` or `trace NAME --kind … --api-version …`. */
export async function traceCommand(
  words: readonly string[],
  { flags, context }: { readonly flags: TraceFlags; readonly context: CommandContext },
): Promise<void> {
  const { cluster } = await context.connect(flags)
  const read = { cluster, signal: context.signal }
  const objects = await tracedObjects(words, { flags, read })
  for (const [index, object] of objects.entries()) {
    // Sequential: reports come in the order asked for.
    const sections = await sectionsOf(object, read)
    context.terminal.out(`${index > 0 ? '---\n' : ''}${formatTrace(object, sections)}`)
  }
}

async function tracedObjects(
  words: readonly string[],
  { flags, read }: { readonly flags: TraceFlags; readonly read: Read },
): Promise<readonly KubeObject[]> {
  const { kind, apiVersion, namespace } = flags
  if (kind !== undefined || apiVersion !== undefined) {
    const [name] = words
    if (name === undefined) throw new CliError('object name is required')
    if (kind === undefined) throw new CliError('object kind is required (--kind)')
    if (apiVersion === undefined) throw new CliError('object apiVersion is required (--api-version)')
    const resource = await read.cluster.resourceFor(apiVersion, kind, { signal: read.signal })
    return [await getIn(resource, { namespace, name }, read)]
  }
  const served = await read.cluster.resources({ signal: read.signal })
  const named = words.some((it) => it.includes('/'))
    ? words.map((it) => it.split('/'))
    : words.slice(1).map((name) => [words[0] ?? '', name])
  if (named.length === 0 || named.some((it) => it.length !== 2)) {
    throw new CliError('either `<resource>/<name>` or `<resource> <name>` is required as an argument')
  }
  return Promise.all(
    named.map(([word = '', name = '']) => getIn(resourceCalled(word, served), { namespace, name }, read)),
  )
}

/** By kind, plural or `plural.group`. @throws {CliError} */
function resourceCalled(word: string, served: readonly Resource[]): Resource {
  const wanted = word.toLowerCase()
  const resource = served.find(
    ({ kind, plural, group }) =>
      kind.toLowerCase() === wanted || plural === wanted || `${plural}.${group}` === wanted,
  )
  if (!resource) throw new CliError(`the server doesn't have a resource type "${word}"`)
  return resource
}

/** @throws {CliError} when nothing of the toolkit stands behind the object. */
async function sectionsOf(object: KubeObject, read: Read): Promise<readonly TraceSection[]> {
  for (const [kind, nameLabel, namespaceLabel] of [
    ['Kustomization', labels.kustomizationName, labels.kustomizationNamespace],
    ['HelmRelease', labels.helmReleaseName, labels.helmReleaseNamespace],
  ] as const) {
    // Sequential: the second is asked only where the first is not.
    const owned = await labelledOwner(object, nameLabel, read)
    if (!owned) continue
    const key = {
      name: owned.metadata.labels?.[nameLabel] ?? '',
      namespace: owned.metadata.labels?.[namespaceLabel] ?? '',
    }
    const applier = await found<ToolkitObject>(kind, key, read)
    return kind === 'Kustomization'
      ? kustomizationSections(applier as Kustomization, read)
      : releaseSections(applier as HelmRelease, read)
  }
  throw new CliError('object not managed by Flux')
}

/** The object or the nearest of its owners that has the label. */
async function labelledOwner(
  object: KubeObject,
  label: string,
  { cluster, signal }: Read,
): Promise<KubeObject | undefined> {
  const queue: KubeObject[] = [object]
  for (let at = 0; at < queue.length && at < maxOwners; at += 1) {
    const current = queue[at]
    if (current?.metadata.labels?.[label]) return current
    for (const { apiVersion, kind, name } of current?.metadata.ownerReferences ?? []) {
      const resource = await cluster.resourceFor(apiVersion, kind, { signal })
      const { namespace = '' } = object.metadata
      queue.push(await getIn(resource, { namespace, name }, { cluster, signal }))
    }
  }
  return undefined
}

async function kustomizationSections(object: Kustomization, read: Read): Promise<TraceSection[]> {
  const { spec, status } = object
  const source = sourceOf(object)
  return [
    {
      object,
      lines: [
        ...(spec.targetNamespace ? [['Target', spec.targetNamespace] as const] : []),
        ['Path', spec.path ?? ''],
        ['Revision', status?.lastAppliedRevision ?? ''],
      ],
      ready: findCondition(status?.conditions ?? [], 'Ready'),
      tellsFailure: false,
    },
    ...(source ? [sourceSection(await found(source.kind, source, read))] : []),
  ]
}

async function releaseSections(object: HelmRelease, read: Read): Promise<TraceSection[]> {
  const { spec, status } = object
  const [namespace = '', name = ''] = (status?.helmChart ?? '').split('/')
  const chart = name === '' ? undefined : await found<ToolkitObject>('HelmChart', { namespace, name }, read)
  const source = sourceOf(object)
  return [
    {
      object,
      lines: [
        ...(spec.targetNamespace ? [['Target', spec.targetNamespace] as const] : []),
        ['Revision', status?.lastAttemptedRevision ?? ''],
      ],
      ready: findCondition(status?.conditions ?? [], 'Ready'),
      tellsFailure: false,
    },
    ...(chart ? [sourceSection(chart)] : []),
    ...(source && source.kind !== 'HelmChart' ? [sourceSection(await found(source.kind, source, read))] : []),
  ]
}

type SourceSpec = {
  readonly url?: string
  readonly endpoint?: string
  readonly chart?: string
  readonly version?: string
  readonly ref?: {
    readonly tag?: string
    readonly semver?: string
    readonly branch?: string
    readonly digest?: string
  }
  readonly sourceRef?: { readonly kind: string; readonly name: string; readonly namespace?: string }
}

/** What a source says of itself. */
function sourceSection(object: ToolkitObject): TraceSection {
  const spec = object.spec as SourceSpec
  const { artifact } = (object.status ?? {}) as SourceStatus
  const lines: (readonly [string, string])[] = []
  const { chart, sourceRef, url = spec.endpoint } = spec
  if (chart !== undefined) lines.push(['Chart', chart], ['Version', spec.version ?? ''])
  if (object.kind === 'ExternalArtifact' && sourceRef) {
    lines.push(['Source', `${sourceRef.kind}/${sourceRef.namespace ?? ''}/${sourceRef.name}`])
  }
  if (url !== undefined) lines.push(['URL', url])
  lines.push(...referenceLines(spec.ref))
  if (artifact) lines.push(['Revision', artifact.revision], ...originLines(artifact))
  return {
    object,
    lines,
    ready: findCondition(object.status?.conditions ?? [], 'Ready'),
    tellsFailure: object.kind !== 'HelmChart' && object.kind !== 'HelmRepository',
  }
}

/** Where an artifact of a registry says that it comes from. */
function originLines({ metadata = {} }: Artifact): (readonly [string, string])[] {
  const revision = metadata['org.opencontainers.image.revision']
  const source = metadata['org.opencontainers.image.source']
  return [
    ...(revision ? [['Origin Revision', revision] as const] : []),
    ...(source ? [['Origin Source', source] as const] : []),
  ]
}

/** The tag or the range wins over the branch and the digest. */
function referenceLines({
  tag,
  semver,
  branch,
  digest,
}: NonNullable<SourceSpec['ref']> = {}): (readonly [string, string])[] {
  if (tag || semver) return [['Tag', tag || semver || '']]
  if (branch) return [['Branch', branch]]
  return digest ? [['Digest', digest]] : []
}

/** @throws {CliError} when it does not exist. */
async function found<T extends ToolkitObject>(
  kind: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { cluster, signal }: Read,
): Promise<T> {
  try {
    return await cluster.get<T>(cliKind(kind).resource, { namespace, name }, { signal })
  } catch (cause) {
    if (!isApiError(cause, 'NotFound')) throw cause
    const what = kind === 'Kustomization' ? 'kustomization' : kind
    throw new CliError(`failed to find ${what}: ${cause.message}`, { cause })
  }
}

async function getIn(
  resource: Resource,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { cluster, signal }: Read,
): Promise<KubeObject> {
  const { group, version, kind, namespaced } = resource
  const object = await cluster.get(resource, { name, ...(namespaced && { namespace }) }, { signal })
  return { ...object, apiVersion: formatApiVersion(group, version), kind }
}
