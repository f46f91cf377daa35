import type { Cluster, Resource } from '@sluice/cluster'
import type { Clock, Condition, KubeObject, Logger } from '@sluice/ports'
import {
  annotations,
  type ConditionTable,
  editConditions,
  mergeConditions,
  type ToolkitObject,
} from '@sluice/toolkit'
import { guardedPatch } from './guarded-patch.ts'
import { mergeDiff } from './merge-diff.ts'
import type { Run, RunEvent } from './run.ts'

export type RunOptions = {
  readonly cluster: Cluster
  readonly resource: Resource
  readonly fieldManager: string
  readonly table: ConditionTable
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly interruption: AbortSignal
  readonly record: (event: RunEvent) => void
}

/** A run over `object`; its status is written as the differences to what the server is known to have. */
export function startRun<T extends ToolkitObject>(object: T, options: RunOptions): Run<T> {
  const { clock, resource, cluster, fieldManager, table, signal, interruption } = options
  const { name = '', namespace = '', generation = 0 } = object.metadata
  const { conditions: initial = [], ...status } = object.status ?? {}
  const startedAt = clock.now()
  const conditions = editConditions(initial, () => ({ now: clock.now(), generation }))
  const draft = { ...status }
  const key = { namespace, name }
  const requested = object.metadata.annotations?.[annotations.requestedAt]
  let known: KubeObject | undefined = object

  return {
    key,
    object,
    status: draft,
    conditions,
    signal,
    interruption,
    log: options.log,
    startedAt,
    requestedAt: requested === object.status?.lastHandledReconcileAt ? undefined : requested,
    event: options.record,
    saveStatus: async () => {
      if (!known) return
      const before = conditionsOf(known)
      known = await guardedPatch(known, (live) => patchFor(live, before), {
        cluster,
        resource,
        key,
        fieldManager,
        signal,
        subresource: 'status',
      })
    },
  }

  function patchFor(live: KubeObject, before: readonly Condition[]): Record<string, unknown> | undefined {
    const merged = mergeConditions({
      before,
      after: conditions.list,
      live: conditionsOf(live),
      owned: table.owned,
    })
    const wanted = { ...draft, ...(merged.length > 0 && { conditions: merged }) }
    const patch = mergeDiff(statusOf(live), wanted)
    return patch && { status: patch }
  }
}

function statusOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const { status } = object
  return typeof status === 'object' && status !== null ? (status as Record<string, unknown>) : {}
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  const { conditions } = statusOf(object)
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : []
}
