import {
  type ChangeSet,
  type Cluster,
  DeleteError,
  deleteAll,
  formatChange,
  type InventoryEntry,
  inventoryOf,
  parseInventoryId,
} from '@sluice/cluster'
import { annotations, disabledValue, type Kustomization } from '@sluice/toolkit'
import { labelsOf } from './apply.ts'

/** Objects that are deleted only if they are the Kustomization's and do not ask to stay. */
export async function deleteEntries(
  object: Kustomization,
  entries: readonly InventoryEntry[],
  {
    target,
    signal,
    dryRun = false,
  }: { readonly target: Cluster; readonly signal: AbortSignal; readonly dryRun?: boolean },
): Promise<ChangeSet> {
  return await deleteAll(
    entries.map(({ id, v }) => ({ id: parseInventoryId(id), version: v })),
    {
      cluster: target,
      signal,
      dryRun,
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
  const done = error.changes.filter(({ action }) => action !== 'unknown')
  const gone = new Set(inventoryOf(done).map(({ id }) => id))
  return entries.filter(({ id }) => !gone.has(id))
}
