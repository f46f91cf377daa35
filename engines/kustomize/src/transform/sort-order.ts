import { compareUtf8 } from '@sluice/ports'
import { KustomizeError } from '../errors.ts'
import type { SortOptions } from '../kustomization/types.ts'
import { firstKinds, gvkSortText, kindRanks, lastKinds } from '../resource/gvk-order.ts'
import { formatGvk, type Gvk, type ResId } from '../resource/res-id.ts'
import type { Transformer } from './transformer.ts'

/** Orders the output: as read (`fifo`) or by kinds (`legacy`). @throws {KustomizeError} for other orders. */
export function sortTransformer({ order = '', legacySortOptions }: SortOptions): Transformer {
  if (order !== 'fifo' && order !== 'legacy') {
    throw new KustomizeError(
      'KUSTOMIZATION_INVALID',
      `the field 'sortOptions.order' must be one of [fifo, legacy]`,
    )
  }
  if (order === 'fifo') {
    if (!legacySortOptions) return () => {}
    throw new KustomizeError(
      'KUSTOMIZATION_INVALID',
      "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
    )
  }
  const ranks = legacySortOptions
    ? kindRanks(legacySortOptions.orderFirst ?? [], legacySortOptions.orderLast ?? [])
    : kindRanks(firstKinds, lastKinds)
  return (resources) => {
    const keyed = resources.all.map((resource) => ({ resource, id: resource.id }))
    keyed.sort((a, b) => compareIds(a.id, b.id, ranks))
    resources.replaceAll(keyed.map((it) => it.resource))
  }
}

function compareIds(a: ResId, b: ResId, ranks: ReadonlyMap<string, number>): number {
  if (a.kind !== b.kind || a.group !== b.group || a.version !== b.version) return compareKinds(a, b, ranks)
  return compareUtf8(idSortText(a), idSortText(b))
}

function compareKinds(a: Gvk, b: Gvk, ranks: ReadonlyMap<string, number>): number {
  const byRank = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0)
  if (byRank !== 0) return byRank
  const byText = compareUtf8(gvkSortText(a), gvkSortText(b))
  // Namespaces of the core group come before others of the name.
  const coreNamespace = a.kind === 'Namespace' && b.kind === 'Namespace' && (a.group === '' || b.group === '')
  return coreNamespace ? -byText : byText
}

function idSortText(id: ResId): string {
  return `${formatGvk(id)}|${id.namespace || '~X'}|${id.name || '~N'}`
}
