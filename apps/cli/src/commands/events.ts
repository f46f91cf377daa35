import { humanDuration } from '@sluice/apiserver'
import type { Cluster, Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { commaSeparated, objectFlags } from '../flags.ts'
import { type CliKind, cliKinds, sourceOf } from '../kinds.ts'
import { formatTable } from '../output/table.ts'
import { statusLines } from '../output/terminal.ts'

export type EventsFlags = ObjectFlags & {
  readonly allNamespaces: boolean
  readonly watch: boolean
  /** `<kind>[/<name>]`. */
  readonly for?: string
  readonly types: readonly string[]
}

type KubeEvent = KubeObject & {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string
  readonly lastTimestamp?: string
  readonly eventTime?: string
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

/** Which events are asked for: a namespace and fields. */
type Scope = { readonly namespace?: string; readonly fieldSelector?: string }

// ExternalArtifacts have no events of their own.
const kindsWithEvents = cliKinds.filter(({ kind }) => kind !== 'ExternalArtifact')
const header = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']

export function addEvents(program: Command, context: CommandContext): void {
  const command = program
    .command('events')
    .description('show what controllers have told about objects')
    .option('-A, --all-namespaces', 'of all namespaces', false)
    .option('-w, --watch', 'go on and print what comes', false)
    .option('--for <kind/name>', 'only about this object and its source, or about this kind')
    .option('--types <types>', 'only Normal or Warning', commaSeparated, [])
    .action((flags: Omit<EventsFlags, keyof ObjectFlags>) =>
      eventsCommand({ flags: { ...objectFlags(command), ...flags }, context }),
    )
}

/** `events [--for KIND/NAME] [--types …] [-A] [-w]`. @throws {CliError} for unknown kinds and types. */
export async function eventsCommand({
  flags,
  context,
}: {
  readonly flags: EventsFlags
  readonly context: CommandContext
}): Promise<void> {
  for (const type of flags.types) {
    if (!/^(normal|warning)$/i.test(type)) {
      throw new CliError(`type '${type}' not supported. Supported types are Normal, Warning`)
    }
  }
  const { cluster } = await context.connect(flags)
  const { signal } = context
  const events = await cluster.resourceFor('v1', 'Event', { signal })
  const scopes = await scopesOf(cluster, flags, signal)
  const withNamespace =
    flags.allNamespaces || scopes.some(({ namespace }) => namespace !== scopes[0]?.namespace)
  const print = (items: readonly KubeEvent[], noHeader = false): void => {
    const rows = items.map((it) => row(it, { now: context.clock.now(), withNamespace }))
    const text = formatTable(withNamespace ? ['NAMESPACE', ...header] : header, rows)
    context.terminal.out(noHeader ? text.slice(text.indexOf('\n') + 1) : text)
  }
  const lists = await Promise.all(
    scopes.map((scope) => cluster.list<KubeEvent>(events, { ...scope, signal })),
  )
  const shown = lists
    .flatMap(({ items }) => items)
    .filter((it) => isWanted(it, flags))
    .toSorted((a, b) => eventTime(a) - eventTime(b))
  if (shown.length > 0) print(shown)
  else if (!flags.watch) statusLines(context.terminal).failure(nothingFound(flags))
  if (!flags.watch) return
  let isFirst = shown.length === 0
  await Promise.all(
    scopes.map((scope, index) =>
      follow(cluster, events, {
        scope: { ...scope, resourceVersion: lists[index]?.resourceVersion ?? '' },
        signal,
        onEvent: (event) => {
          if (!isWanted(event, flags)) return
          print([event], !isFirst)
          isFirst = false
        },
      }),
    ),
  )
}

async function follow(
  cluster: Cluster,
  events: Resource,
  {
    scope,
    signal,
    onEvent,
  }: {
    readonly scope: Scope & { readonly resourceVersion: string }
    readonly signal: AbortSignal
    readonly onEvent: (event: KubeEvent) => void
  },
): Promise<void> {
  for await (const { type, object } of cluster.watch<KubeEvent>(events, { ...scope, signal })) {
    if (type === 'ADDED' || type === 'MODIFIED') onEvent(object)
  }
}

/** With an object named, also the events of what it takes its content from. */
async function scopesOf(
  cluster: Cluster,
  { namespace, allNamespaces, ...flags }: EventsFlags,
  signal: AbortSignal,
): Promise<readonly Scope[]> {
  const base = allNamespaces ? {} : { namespace }
  if (flags.for === undefined) return [base]
  const [word = '', name] = flags.for.split('/')
  if (word === '') throw new CliError('--for selector must be of format <kind>[/<name>]')
  const kind = kindsWithEvents.find((it) => it.kind.toLowerCase() === word.toLowerCase())
  if (!kind) throw new CliError(`'${word}' is not a recognized Flux kind`)
  if (name === undefined) return [{ ...base, fieldSelector: `involvedObject.kind=${kind.kind}` }]
  const object = await cluster.get<ToolkitObject>(kind.resource, { namespace, name }, { signal })
  return [
    { ...base, fieldSelector: involved(kind.kind, name) },
    ...referredBy(kind, object).map((it) => ({
      namespace: it.namespace,
      fieldSelector: involved(it.kind, it.name),
    })),
  ]
}

type Referred = { readonly kind: string; readonly namespace: string; readonly name: string }

function referredBy({ kind }: CliKind, object: ToolkitObject): readonly Referred[] {
  const { namespace = '', name = '' } = object.metadata
  const spec = object.spec as {
    readonly providerRef?: { readonly name: string }
    readonly imageRepositoryRef?: { readonly name: string; readonly namespace?: string }
  }
  if (spec.providerRef) return [{ kind: 'Provider', namespace, name: spec.providerRef.name }]
  if (spec.imageRepositoryRef) return [{ kind: 'ImageRepository', namespace, ...spec.imageRepositoryRef }]
  const source = kind === 'ImageUpdateAutomation' ? undefined : sourceOf(object)
  if (!source) return []
  const isChart = kind === 'HelmRelease' && 'chart' in object.spec
  return [
    source,
    ...(isChart ? [{ kind: 'HelmChart', namespace: source.namespace, name: `${namespace}-${name}` }] : []),
  ]
}

function involved(kind: string, name: string): string {
  return `involvedObject.kind=${kind},involvedObject.name=${name}`
}

function isWanted({ involvedObject, type = '' }: KubeEvent, { types }: EventsFlags): boolean {
  return (
    kindsWithEvents.some(({ kind }) => kind === involvedObject.kind) &&
    (types.length === 0 || types.some((it) => it.toLowerCase() === type.toLowerCase()))
  )
}

function row(
  event: KubeEvent,
  { now, withNamespace }: { readonly now: number; readonly withNamespace: boolean },
): string[] {
  const { kind, name } = event.involvedObject
  return [
    ...(withNamespace ? [event.metadata.namespace ?? ''] : []),
    lastSeen(event, now),
    event.type ?? '',
    event.reason ?? '',
    `${kind}/${name}`,
    event.message ?? '',
  ]
}

/** How long ago, and for one that came often: how often over which time. */
function lastSeen(event: KubeEvent, now: number): string {
  const { series, count = 1, lastTimestamp, eventTime: first, firstTimestamp } = event
  const since = (time: string | undefined): string =>
    time ? humanDuration(now - Date.parse(time)) : '<unknown>'
  const began = since(first || firstTimestamp)
  if (series) return `${since(series.lastObservedTime)} (x${series.count} over ${began})`
  return count > 1 ? `${since(lastTimestamp)} (x${count} over ${began})` : began
}

function eventTime({ series, lastTimestamp, eventTime: first }: KubeEvent): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? first ?? '') || 0
}

function nothingFound({ allNamespaces, namespace }: EventsFlags): string {
  return allNamespaces ? 'No events found.' : `No events found in ${namespace} namespace.`
}
