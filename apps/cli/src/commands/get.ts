import { type Cluster, isApiError } from '@sluice/cluster'
import type { ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { commandAt, withAliases } from '../command-tree.ts'
import { objectFlags } from '../flags.ts'
import type { KindColumn } from '../kind-columns.ts'
import { type CliKind, cliKinds, readiness } from '../kinds.ts'
import { shortenHashes } from '../output/shorten.ts'
import { formatTable } from '../output/table.ts'
import { explainPolicyCommand } from './explain-policy.ts'

export type GetFlags = ObjectFlags & {
  readonly allNamespaces: boolean
  readonly watch: boolean
  readonly labelSelector?: string
  /** `condition=status` or `condition!=status`, such as `ready=false`. */
  readonly statusSelector?: string
  readonly noHeader: boolean
  /** A column with the source, for kinds that have one. */
  readonly showSource?: boolean
}

export function addGet(program: Command, context: CommandContext): void {
  const get = withGetFlags(program.command('get').description('show toolkit objects and their state'))
  for (const kind of cliKinds) {
    const [words = '', ...others] = kind.getCommands
    const command = withGetFlags(commandAt(get, words, '[name]'))
      .description(`show ${kind.kind} objects`)
      .action((name: string | undefined, { explain = false }: { readonly explain?: boolean }) =>
        explain
          ? explainPolicyCommand(name, { flags: getFlags(command), context })
          : getCommand(kind, name, { flags: getFlags(command), context }),
      )
    withAliases(command, others)
    if (kind.kind === 'ImagePolicy') {
      command.option('--explain', 'why it chooses this tag and not that', false)
    }
    if (kind.sourceColumn) command.option('--show-source', 'with a column for the source', false)
  }
  for (const [words, family] of [
    ['all', undefined],
    ['sources all', 'sources'],
    ['images all', 'images'],
  ] as const) {
    const command = withGetFlags(commandAt(get, words, ''))
      .description(`show all ${family ?? 'kinds of'} objects`)
      .action(() => getAllCommand(family, { flags: getFlags(command), context }))
  }
}

function withGetFlags(command: Command): Command {
  return command
    .option('-A, --all-namespaces', 'objects of all namespaces')
    .option('-w, --watch', 'go on and print what changes')
    .option('-l, --label-selector <selector>', 'only objects with these labels')
    .option('--status-selector <condition=status>', 'only objects with this condition, such as ready=false')
    .option('--no-header', 'without the line of titles')
}

function getFlags(command: Command): GetFlags {
  const flags = command.optsWithGlobals()
  // Written before the kind, the flag belongs to the command above.
  const noHeader = [command, command.parent, command.parent?.parent].some(
    (it) => it?.opts()['header'] === false,
  )
  return {
    ...objectFlags(command),
    allNamespaces: flags['allNamespaces'] === true,
    watch: flags['watch'] === true,
    noHeader,
    showSource: flags['showSource'] === true,
    ...(flags['labelSelector'] !== undefined && { labelSelector: flags['labelSelector'] }),
    ...(flags['statusSelector'] !== undefined && { statusSelector: flags['statusSelector'] }),
  }
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
  const objects = await listObjects(cluster, kind, { flags, signal: context.signal })
  const named = name === undefined ? objects : objects.filter((it) => it.metadata.name === name)
  if (named.length === 0) throw nothingFound(kind, name, flags)
  const shown = named.filter((it) => matchesStatus(it, flags.statusSelector))
  context.terminal.out(table(kind, shown, { flags, prefixed: false }))
}

/** `get all`, `get sources all`, `get images all`: a table for each kind that has objects. */
export async function getAllCommand(
  family: CliKind['family'] | undefined,
  { flags, context }: { readonly flags: GetFlags; readonly context: CommandContext },
): Promise<void> {
  const { cluster } = await context.connect(flags)
  const kinds = cliKinds.filter((it) => it.inAll && (family === undefined || it.family === family))
  const lists = await Promise.all(
    kinds.map(async (kind) => ({
      kind,
      objects: (await listServed(cluster, kind, { flags, signal: context.signal })).filter((it) =>
        matchesStatus(it, flags.statusSelector),
      ),
    })),
  )
  for (const { kind, objects } of lists) {
    if (objects.length > 0) context.terminal.out(`${table(kind, objects, { flags, prefixed: true })}\n`)
  }
}

type Select = { readonly flags: GetFlags; readonly signal: AbortSignal }

/** The objects, none when the cluster does not know the kind. */
async function listServed(
  cluster: Cluster,
  kind: CliKind,
  select: Select,
): Promise<readonly ToolkitObject[]> {
  try {
    return await listObjects(cluster, kind, select)
  } catch (error) {
    if (isApiError(error, 'NotFound')) return []
    throw error
  }
}

async function listObjects(
  cluster: Cluster,
  kind: CliKind,
  { flags, signal }: Select,
): Promise<readonly ToolkitObject[]> {
  const { items } = await cluster.list<ToolkitObject>(kind.resource, {
    signal,
    ...(flags.allNamespaces ? {} : { namespace: flags.namespace }),
    ...(flags.labelSelector === undefined ? {} : { labelSelector: flags.labelSelector }),
  })
  return items
}

/** @throws {CliError} when the selector has no `=`. */
function matchesStatus({ status }: ToolkitObject, selector: string | undefined): boolean {
  if (selector === undefined) return true
  const [, type = '', operator, wanted = ''] = /^(.*?)(!?=)(.*)$/s.exec(selector) ?? []
  if (operator === undefined) {
    throw new CliError(
      `expected status selector in type=status or type!=status format, but found: ${selector}`,
    )
  }
  const matches = (status?.conditions ?? []).some(
    (it) => it.type.toLowerCase() === type.toLowerCase() && it.status.toLowerCase() === wanted.toLowerCase(),
  )
  return matches === (operator === '=')
}

type Layout = { readonly flags: GetFlags; readonly prefixed: boolean }

function table(kind: CliKind, objects: readonly ToolkitObject[], { flags, prefixed }: Layout): string {
  const rows = objects.map((object) => row(kind, object, { flags, prefixed }))
  const text = formatTable(header(kind, flags), rows)
  return flags.noHeader ? text.slice(text.indexOf('\n') + 1) : text
}

function header(kind: CliKind, flags: GetFlags): string[] {
  return [
    ...(flags.allNamespaces ? ['NAMESPACE'] : []),
    'NAME',
    ...shownColumns(kind, flags).map(({ title }) => title),
    'READY',
    'MESSAGE',
  ]
}

function shownColumns({ columns, sourceColumn }: CliKind, { showSource }: GetFlags): readonly KindColumn[] {
  return showSource && sourceColumn ? [sourceColumn, ...columns] : columns
}

function row(kind: CliKind, object: ToolkitObject, { flags, prefixed }: Layout): string[] {
  const { name = '', namespace = '' } = object.metadata
  const { ready, message } = shownReadiness(kind, object)
  const shown = kind.shortens ? shortenHashes : (text: string): string => text
  return [
    ...(flags.allNamespaces ? [namespace] : []),
    prefixed ? `${kind.kind.toLowerCase()}/${name}` : name,
    ...shownColumns(kind, flags).map(({ value }) => shown(value(object))),
    ready,
    shown(message),
  ]
}

/** Kinds that nothing reconciles have no conditions: they are always ready. */
function shownReadiness(kind: CliKind, object: ToolkitObject): ReturnType<typeof readiness> {
  const hasConditions = (object.status?.conditions ?? []).length > 0
  if (hasConditions || !kind.isStatic(object)) return readiness(object)
  return { ready: 'True', message: `${kind.kind} is Ready` }
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
