import type { Cluster } from '@sluice/cluster'
import {
  annotations,
  fieldManagers,
  findCondition,
  type Kustomization,
  type ToolkitObject,
} from '@sluice/toolkit'
import { CliError } from '../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { type CliKind, cliKind } from '../kinds.ts'
import { statusLines } from '../output/terminal.ts'

export type ReconcileFlags = ObjectFlags & { readonly withSource: boolean }

/** `reconcile KIND NAME [--with-source]`. @throws {CliError} when it is suspended or does not become ready. */
export async function reconcileCommand(
  kind: CliKind,
  name: string,
  { flags, context }: { readonly flags: ReconcileFlags; readonly context: CommandContext },
): Promise<void> {
  const { cluster } = await context.connect(flags)
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(flags.timeoutMs)])
  const key = { namespace: flags.namespace, name }
  const object = await cluster.get<ToolkitObject>(kind.resource, key, { signal })
  refuseSuspended(object)
  const work = { cluster, context, signal }
  if (flags.withSource) {
    const source = sourceOf(object, flags.namespace)
    refuseSuspended(await cluster.get<ToolkitObject>(source.kind.resource, source.key, { signal }))
    await reconcileObject(source.kind, source.key, work)
  }
  await reconcileObject(kind, key, work)
}

type Key = { readonly namespace: string; readonly name: string }
type Work = { readonly cluster: Cluster; readonly context: CommandContext; readonly signal: AbortSignal }

async function reconcileObject(kind: CliKind, key: Key, { cluster, context, signal }: Work): Promise<void> {
  const lines = statusLines(context.terminal)
  lines.action(`annotating ${kind.kind} ${key.name} in ${key.namespace} namespace`)
  const requestedAt = nanosecondTime(context.clock.now())
  await cluster.patch(kind.resource, key, {
    signal,
    fieldManager: fieldManagers.cli,
    patch: { kind: 'merge', body: { metadata: { annotations: { [annotations.requestedAt]: requestedAt } } } },
  })
  lines.success(`${kind.kind} annotated`)
  lines.waiting(`waiting for ${kind.kind} reconciliation`)
  const handled = await waitUntil(kind, key, {
    cluster,
    signal,
    isDone: (object) => object.status?.lastHandledReconcileAt === requestedAt && isConcluded(object),
  })
  const ready = findCondition(handled.status?.conditions ?? [], 'Ready')
  if (ready?.status !== 'True') {
    throw new CliError(`${kind.kind} reconciliation failed: '${ready?.message ?? ''}'`)
  }
  lines.success(kind.reconciled(handled))
}

type Wait = {
  readonly cluster: Cluster
  readonly signal: AbortSignal
  readonly isDone: (object: ToolkitObject) => boolean
}

/** Follows one object by a watch until it is done. @throws {CliError} when the time is up. */
async function waitUntil(
  kind: CliKind,
  { namespace, name }: Key,
  { cluster, signal, isDone }: Wait,
): Promise<ToolkitObject> {
  const scope = { namespace, fieldSelector: `metadata.name=${name}`, signal }
  try {
    for (;;) {
      // A watch may end at any time: list anew and go on from there.
      const { items, resourceVersion } = await cluster.list<ToolkitObject>(kind.resource, scope)
      const [current] = items
      if (current && isDone(current)) return current
      for await (const { type, object } of cluster.watch<ToolkitObject>(kind.resource, {
        ...scope,
        resourceVersion,
      })) {
        if (type === 'MODIFIED' && isDone(object)) return object
        if (type === 'DELETED') throw new CliError(`${kind.kind} ${name} was deleted`)
      }
    }
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new CliError(`${kind.kind} reconciliation timed out`, {
      nextStep: 'see what it waits for with `sluice get`, or give it longer with --timeout',
      cause,
    })
  }
}

function isConcluded({ status }: ToolkitObject): boolean {
  const ready = findCondition(status?.conditions ?? [], 'Ready')
  return ready !== undefined && ready.status !== 'Unknown'
}

function refuseSuspended({ spec }: ToolkitObject): void {
  if (spec.suspend === true) throw new CliError('resource is suspended')
}

function sourceOf(object: ToolkitObject, namespace: string): { readonly kind: CliKind; readonly key: Key } {
  const { sourceRef } = (object as Kustomization).spec
  return {
    kind: cliKind(sourceRef.kind),
    key: { namespace: sourceRef.namespace ?? namespace, name: sourceRef.name },
  }
}

/** RFC 3339 with nanoseconds, as Flux writes into the annotation. */
function nanosecondTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000000Z')
}
