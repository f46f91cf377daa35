import type { Cluster } from '@sluice/cluster'
import { findCondition, type ToolkitObject } from '@sluice/toolkit'
import { CliError } from './cli-error.ts'
import type { CliKind } from './kinds.ts'

/** Names a namespaced object. */
export type Key = { readonly namespace: string; readonly name: string }

export type Wait = {
  readonly cluster: Cluster
  readonly signal: AbortSignal
}

/** Follows one object by a watch until it is done. @throws {CliError} when the time is up. */
export async function waitUntil(
  kind: CliKind,
  { namespace, name }: Key,
  { cluster, signal, isDone }: Wait & { readonly isDone: (object: ToolkitObject) => boolean },
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
        if ((type === 'ADDED' || type === 'MODIFIED') && isDone(object)) return object
        if (type === 'DELETED') throw new CliError(`${kind.kind} ${name} was deleted`)
      }
      // Aborted streams may end without an error.
      signal.throwIfAborted()
    }
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new CliError(`${kind.kind} reconciliation timed out`, {
      nextStep: 'see what it waits for with `sluice get`, or give it longer with --timeout',
      cause,
    })
  }
}

/**
 * Waits until the present generation has been reconciled.
 *
 * @throws {CliError} with the message of the object when it fails.
 */
export async function waitUntilReady(kind: CliKind, key: Key, wait: Wait): Promise<ToolkitObject> {
  const object = await waitUntil(kind, key, {
    ...wait,
    isDone: (it) => kind.isStatic(it) || (isObserved(it) && isConcluded(it)),
  })
  const ready = findCondition(object.status?.conditions ?? [], 'Ready')
  if (!kind.isStatic(object) && ready?.status !== 'True') throw new CliError(ready?.message ?? '')
  return object
}

/** Whether Ready is true or false, not open. */
export function isConcluded({ status }: ToolkitObject): boolean {
  const ready = findCondition(status?.conditions ?? [], 'Ready')
  return ready !== undefined && ready.status !== 'Unknown'
}

function isObserved({ metadata, status }: ToolkitObject): boolean {
  const ready = findCondition(status?.conditions ?? [], 'Ready')
  const observed = ready?.observedGeneration ?? status?.observedGeneration
  return observed === undefined || observed === metadata.generation
}
