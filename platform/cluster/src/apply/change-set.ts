import { formatInventoryId, formatObjectId, type InventoryEntry, type ObjectId } from './object-id.ts'

/** What was done to an object. */
export type Action = 'created' | 'configured' | 'unchanged' | 'deleted' | 'skipped' | 'unknown'

export type Change = { readonly id: ObjectId; readonly version: string; readonly action: Action }

/** What was done, in the order it was done in. */
export type ChangeSet = readonly Change[]

/** `Kind/namespace/name action`, as events and logs have it. */
export function formatChange({ id, action }: Change): string {
  return `${formatObjectId(id)} ${action}`
}

/** Whether the cluster is another one than before. */
export function hasChanged({ action }: Change): boolean {
  return action === 'created' || action === 'configured' || action === 'deleted'
}

/** The objects as an inventory names them. */
export function inventoryOf(changes: ChangeSet): readonly InventoryEntry[] {
  return changes.map(({ id, version }) => ({ id: formatInventoryId(id), v: version }))
}
