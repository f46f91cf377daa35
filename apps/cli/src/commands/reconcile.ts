import type { Cluster } from '@sluice/cluster'
import { annotations, fieldManagers, findCondition, type ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import { type CliKind, cliKind, isSuspended, sourceOf } from '../kinds.ts'
import { statusLines } from '../output/terminal.ts'
import { isConcluded, type Key, waitUntil } from '../wait-for.ts'
import { addPerKind } from './per-kind.ts'

export type ReconcileFlags = ObjectFlags & {
  readonly withSource: boolean
  /** HelmRelease: one install or upgrade whatever has changed. */
  readonly force?: boolean
  /** HelmRelease: forget its failures. */
  readonly reset?: boolean
}

// Kinds that take their content from another object of the toolkit.
const kindsWithSource: ReadonlySet<string> = new Set(['Kustomization', 'HelmRelease', 'HelmChart'])

export function addReconcile(program: Command, context: CommandContext): void {
  const reconcile = program.command('reconcile').description('have an object reconciled now, and wait for it')
  addPerKind(reconcile, { verb: 'reconcile', parameters: '[name]' }, (command, kind) => {
    command
      .description(`reconcile a ${kind.kind}`)
      .action((name: string | undefined, options: Partial<ReconcileFlags>) => {
        if (name === undefined) throw new CliError(`${kind.kind} name is required`)
        return reconcileCommand(kind, name, {
          flags: { ...objectFlags(command), withSource: false, ...options },
          context,
        })
      })
    if (kindsWithSource.has(kind.kind)) command.option('--with-source', 'reconcile its source first', false)
    if (kind.kind === 'HelmRelease') {
      command
        .option('--force', 'install or upgrade once, whatever has changed', false)
        .option('--reset', 'forget the failures so far', false)
    }
  })
}

/** `reconcile KIND NAME [--with-source]`. @throws {CliError} when it is suspended or does not become ready. */
export async function reconcileCommand(
  kind: CliKind,
  name: string,
  { flags, context }: { readonly flags: ReconcileFlags; readonly context: CommandContext },
): Promise<void> {
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const key = { namespace: flags.namespace, name }
  const object = await cluster.get<ToolkitObject>(kind.resource, key, { signal })
  const work = { cluster, context, signal }
  if (flags.withSource) await reconcileSource(object, work)
  await reconcileObject(kind, key, {
    ...work,
    extraAnnotations: [
      ...(flags.force ? [annotations.forceAt] : []),
      ...(flags.reset ? [annotations.resetAt] : []),
    ],
  })
}

type Work = {
  readonly cluster: Cluster
  readonly context: CommandContext
  readonly signal: AbortSignal
  /** More annotations that get the time of the request. */
  readonly extraAnnotations?: readonly string[]
}

/** Reconciles what the object comes from, outermost first. */
async function reconcileSource(object: ToolkitObject, work: Work): Promise<void> {
  if (isSuspended(object)) throw new CliError('resource is suspended')
  const source = sourceOf(object)
  if (source === undefined) return
  const kind = cliKind(source.kind)
  if (!kind.verbs.has('reconcile')) return
  if (kind.kind === 'HelmChart') {
    const chart = await work.cluster.get<ToolkitObject>(kind.resource, source, { signal: work.signal })
    await reconcileSource(chart, work)
  }
  await reconcileObject(kind, source, work)
}

async function reconcileObject(
  kind: CliKind,
  key: Key,
  { cluster, context, signal, extraAnnotations = [] }: Work,
): Promise<void> {
  const object = await cluster.get<ToolkitObject>(kind.resource, key, { signal })
  if (kind.isStatic(object)) {
    statusLines(context.terminal).success('reconciliation not supported by the object')
    return
  }
  if (isSuspended(object)) throw new CliError('resource is suspended')
  const lines = statusLines(context.terminal)
  lines.action(`annotating ${kind.kind} ${key.name} in ${key.namespace} namespace`)
  const requestedAt = nanosecondTime(context.clock.now())
  await cluster.patch(kind.resource, key, {
    signal,
    fieldManager: fieldManagers.cli,
    patch: {
      kind: 'merge',
      body: {
        metadata: {
          annotations: Object.fromEntries(
            [annotations.requestedAt, ...extraAnnotations].map((name) => [name, requestedAt]),
          ),
        },
      },
    },
  })
  lines.success(`${kind.kind} annotated`)
  lines.waiting(`waiting for ${kind.kind} reconciliation`)
  const handled = await waitUntil(kind, key, {
    cluster,
    signal,
    isDone: (it) => it.status?.lastHandledReconcileAt === requestedAt && isConcluded(it),
  })
  const ready = findCondition(handled.status?.conditions ?? [], 'Ready')
  if (ready?.status !== 'True') {
    throw new CliError(`${kind.kind} reconciliation failed: '${ready?.message ?? ''}'`)
  }
  lines.success(kind.reconciled(handled))
}

/** RFC 3339 with nanoseconds, as Flux writes into the annotation. */
function nanosecondTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000000Z')
}
