import type { Cluster } from '@sluice/cluster'
import type { ToolkitObject } from '@sluice/toolkit'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { type CliKind, cliKinds, readiness } from '../kinds.ts'
import { shortenHashes } from '../output/shorten.ts'
import { formatTable } from '../output/table.ts'

export type GetFlags = ObjectFlags & {
  readonly allNamespaces: boolean
  readonly watch: boolean
  readonly labelSelector?: string
  /** `condition=status`, such as `ready=false`. */
  readonly statusSelector?: string
  readonly noHeader: boolean
}

/** `get KIND [NAME]`. @throws {CliError} when there is nothing to show. */
export async function getCommand(
  kind: CliKind,
  name: string | undefined,
  { flags, context }: { readonly flags: GetFlags; readonly context: CommandContext },
): Promise<void> {
  const { cluster } = await context.connect(flags)
  if (flags.watch) {
    await watchObjects(kind, name, { flags, context, cluster })
    return
  }
  const objects = await selectObjects(cluster, kind, { flags, signal: context.signal })
  const shown = name === undefined ? objects : objects.filter((it) => it.metadata.name === name)
  if (shown.length === 0) throw nothingFound(kind, name, flags)
  context.terminal.out(table(kind, shown, { flags, prefixed: false }))
}

/** `get all`, `get sources all`, `get images all`: a table for each kind that has objects. */
export async function getAllCommand(
  family: CliKind['family'] | undefined,
  { flags, context }: { readonly flags: GetFlags; readonly context: CommandContext },
): Promise<void> {
  const { cluster } = await context.connect(flags)
  const kinds = family === undefined ? cliKinds : cliKinds.filter((it) => it.family === family)
  const lists = await Promise.all(
    kinds.map(async (kind) => ({
      kind,
      objects: await selectObjects(cluster, kind, { flags, signal: context.signal }),
    })),
  )
  for (const { kind, objects } of lists) {
    if (objects.length > 0) context.terminal.out(`${table(kind, objects, { flags, prefixed: true })}\n`)
  }
}

type Select = { readonly flags: GetFlags; readonly signal: AbortSignal }

async function selectObjects(
  cluster: Cluster,
  kind: CliKind,
  { flags, signal }: Select,
): Promise<ToolkitObject[]> {
  const { items } = await cluster.list<ToolkitObject>(kind.resource, {
    signal,
    ...(flags.allNamespaces ? {} : { namespace: flags.namespace }),
    ...(flags.labelSelector === undefined ? {} : { labelSelector: flags.labelSelector }),
  })
  return items.filter((it) => matchesStatus(it, flags.statusSelector))
}

/** @throws {CliError} when the selector has no `=`. */
function matchesStatus({ status }: ToolkitObject, selector: string | undefined): boolean {
  if (selector === undefined) return true
  const [type = '', wanted] = selector.split('=')
  if (wanted === undefined) {
    throw new CliError(`expected status selector in type=status format, but found: ${selector}`)
  }
  return (status?.conditions ?? []).some(
    (it) => it.type.toLowerCase() === type.toLowerCase() && it.status.toLowerCase() === wanted.toLowerCase(),
  )
}

type Layout = { readonly flags: GetFlags; readonly prefixed: boolean }

function table(kind: CliKind, objects: readonly ToolkitObject[], { flags, prefixed }: Layout): string {
  const rows = objects.map((object) => row(kind, object, { flags, prefixed }))
  const text = formatTable(header(kind, flags), rows)
  return flags.noHeader ? text.slice(text.indexOf('\n') + 1) : text
}

function header({ columns, suspendable }: CliKind, { allNamespaces }: GetFlags): string[] {
  return [
    ...(allNamespaces ? ['NAMESPACE'] : []),
    'NAME',
    ...columns.map(({ title }) => title),
    ...(suspendable ? ['SUSPENDED'] : []),
    'READY',
    'MESSAGE',
  ]
}

function row(kind: CliKind, object: ToolkitObject, { flags, prefixed }: Layout): string[] {
  const { name = '', namespace = '' } = object.metadata
  const { ready, message } = readiness(object)
  return [
    ...(flags.allNamespaces ? [namespace] : []),
    prefixed ? `${kind.kind.toLowerCase()}/${name}` : name,
    ...kind.columns.map(({ value }) => shortenHashes(value(object))),
    ...(kind.suspendable ? [object.spec.suspend === true ? 'True' : 'False'] : []),
    ready,
    shortenHashes(message),
  ]
}

function nothingFound(kind: CliKind, name: string | undefined, flags: GetFlags): CliError {
  const where = flags.allNamespaces ? 'any namespace' : `"${flags.namespace}" namespace`
  return name === undefined
    ? new CliError(`no ${kind.kind} objects found in ${where}`)
    : new CliError(`${kind.kind} object '${name}' not found in ${where}`)
}

/** Prints the table, then a line whenever an object changes, until the person ends it. */
async function watchObjects(
  kind: CliKind,
  name: string | undefined,
  {
    flags,
    context,
    cluster,
  }: { readonly flags: GetFlags; readonly context: CommandContext; readonly cluster: Cluster },
): Promise<void> {
  const scope = {
    signal: context.signal,
    ...(flags.allNamespaces ? {} : { namespace: flags.namespace }),
    ...(flags.labelSelector === undefined ? {} : { labelSelector: flags.labelSelector }),
  }
  const isWanted = (it: ToolkitObject): boolean =>
    (name === undefined || it.metadata.name === name) && matchesStatus(it, flags.statusSelector)
  const { items, resourceVersion } = await cluster.list<ToolkitObject>(kind.resource, scope)
  const printed = new Map<string, string>()
  const print = (objects: readonly ToolkitObject[], showHeader: boolean): void => {
    const changed = objects.filter(isWanted).filter((object) => {
      const text = row(kind, object, { flags, prefixed: false }).join('\t')
      const key = `${object.metadata.namespace}/${object.metadata.name}`
      const isNew = printed.get(key) !== text
      printed.set(key, text)
      return isNew
    })
    if (changed.length === 0 && !showHeader) return
    context.terminal.out(
      table(kind, changed, { flags: { ...flags, noHeader: !showHeader }, prefixed: false }),
    )
  }
  print(items, !flags.noHeader)
  for await (const { type, object } of cluster.watch<ToolkitObject>(kind.resource, {
    ...scope,
    resourceVersion,
  })) {
    if (type === 'ADDED' || type === 'MODIFIED') print([object], false)
  }
}
