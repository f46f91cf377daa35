import {
  type ChangeSet,
  type Cluster,
  DeleteError,
  deleteAll,
  formatChange,
  type InventoryEntry,
  parseInventoryId,
} from '@sluice/cluster'
import { annotations, disabledValue, type Kustomization } from '@sluice/toolkit'
import { labelsOf } from './apply.ts'

/** Objects that are deleted only if they are the Kustomization's and do not ask to stay. */
export async function deleteEntries(
  object: Kustomization,
  entries: readonly InventoryEntry[],
  { target, signal }: { readonly target: Cluster; readonly signal: AbortSignal },
): Promise<ChangeSet> {
  return await deleteAll(
    entries.map(({ id, v }) => ({ id: parseInventoryId(id), version: v })),
    {
      cluster: target,
      signal,
      ownedBy: labelsOf(object),
      excluded: {
        [annotations.prune]: disabledValue,
        [annotations.reconcile]: disabledValue,
        [annotations.ssa]: 'Ignore',
      },
    },
  )
}

/** Lines of what was deleted or kept. */
export function pruneLog(changes: ChangeSet): string {
  return changes.map(formatChange).join('\n')
}

/** Entries whose deletion was not confirmed: they stay in the inventory, so that it is tried again. */
export function survivors(entries: readonly InventoryEntry[], error: unknown): readonly InventoryEntry[] {
  if (!(error instanceof DeleteError)) return entries
  const { changes } = error
  return entries.filter((_, at) => {
    const id = parseInventoryId(entries[at]?.id ?? '')
    const change = changes.find(
      (item) =>
        item.id.name === id.name &&
        item.id.namespace === id.namespace &&
        item.id.kind === id.kind &&
        item.id.group === id.group,
    )
    return change === undefined || change.action === 'unknown'
  })
}
