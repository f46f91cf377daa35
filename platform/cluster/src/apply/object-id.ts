import { type KubeObject, parseApiVersion, ToolkitError } from '@sluice/ports'

/** What an object is, whatever version it is written in. `namespace` is empty for cluster-scoped ones. */
export type ObjectId = {
  readonly namespace: string
  readonly name: string
  readonly group: string
  readonly kind: string
}

/** An inventory's reference to an object: {@link formatInventoryId} and the version of its API group. */
export type InventoryEntry = { readonly id: string; readonly v: string }

/** An entry of an inventory cannot be read. */
export class InventoryError extends ToolkitError {
  override readonly name = 'InventoryError'

  constructor(id: string) {
    super('INVENTORY_INVALID', `unable to parse stored object metadata: ${id}`)
  }
}

export function idOf({ apiVersion, kind, metadata }: KubeObject): ObjectId {
  const { namespace = '', name = '' } = metadata
  return { namespace, name, group: parseApiVersion(apiVersion).group, kind }
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how messages name an object. */
export function formatObjectId({ kind, namespace, name }: ObjectId): string {
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
}

/**
 * `namespace_name_group_kind`; colons in names, which RBAC allows, are doubled underscores.
 *
 * Source: FEATURES of Flux 2.9, §5.2.
 */
export function formatInventoryId({ namespace, name, group, kind }: ObjectId): string {
  return [namespace, name.replaceAll(':', '__'), group, kind].join('_')
}

/** The inverse of {@link formatInventoryId}. @throws {InventoryError} */
export function parseInventoryId(id: string): ObjectId {
  const first = id.indexOf('_')
  const last = id.lastIndexOf('_')
  const middle = id.lastIndexOf('_', last - 1)
  if (first < 0 || middle <= first) throw new InventoryError(id)
  return {
    namespace: id.slice(0, first),
    name: id.slice(first + 1, middle).replaceAll('__', ':'),
    group: id.slice(middle + 1, last),
    kind: id.slice(last + 1),
  }
}

/** Entries of `before` that `after` has not, in the order of `before`. The version does not count. */
export function inventoryDifference(
  before: readonly InventoryEntry[],
  after: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  const kept = new Set(after.map((it) => it.id))
  return before.filter((it) => !kept.has(it.id))
}
