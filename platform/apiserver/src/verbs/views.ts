import type { KubeObject, ObjectMeta } from '@sluice/ports'
import { templateGeneration } from '../kinds/defaults/workloads.ts'
import type { ApiResource } from '../registry/api-resource.ts'
import { notAcceptable } from '../status/status-error.ts'
import { tableColumns, tableRows } from '../table/table.ts'
import type { Call } from './call.ts'

/** The form in which a client wants objects. */
export type View = 'object' | 'table' | 'metadata'

const metaGroup = 'meta.k8s.io/v1'

/**
 * Picks the first form of an `Accept` header that the server has.
 *
 * @throws {ApiError} NotAcceptable
 */
export function viewOf(accept: string): View {
  if (accept === '' || accept === 'application/json') return 'object'
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((it) => it.trim())
    const as = parameters.find((it) => it.startsWith('as='))?.slice(3)
    const group = parameters.find((it) => it.startsWith('g='))?.slice(2)
    const version = parameters.find((it) => it.startsWith('v='))?.slice(2)
    const isJson = type === 'application/json' || type === '*/*' || type === 'application/*'
    if (!isJson && type !== 'application/yaml') continue
    if (as === undefined) return 'object'
    if (group !== 'meta.k8s.io' || version !== 'v1') continue
    if (as === 'Table') return 'table'
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata'
  }
  throw notAcceptable()
}

/** One object in the form that the call asks for. */
export function present(object: KubeObject, call: Call, now: number): object {
  switch (viewOf(call.accept)) {
    case 'object':
      return object
    case 'metadata':
      return metadataOnly(object)
    case 'table':
      return table([object], call, { now, metadata: { resourceVersion: object.metadata.resourceVersion } })
  }
}

export type ListMeta = {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** A list in the form that the call asks for. */
export function presentList(
  items: readonly KubeObject[],
  metadata: ListMeta,
  { call, now }: { readonly call: Call; readonly now: number },
): object {
  const { resource } = call
  switch (viewOf(call.accept)) {
    case 'object':
      return { kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata, items }
    case 'metadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: metaGroup,
        metadata,
        items: items.map(metadataOnly),
      }
    case 'table':
      return table(items, call, { now, metadata })
  }
}

// Watchers that want metadata share one copy an object.
const partial = new WeakMap<KubeObject, KubeObject>()

export function metadataOnly(object: KubeObject): KubeObject {
  let result = partial.get(object)
  if (!result) {
    result = Object.freeze({
      kind: 'PartialObjectMetadata',
      apiVersion: metaGroup,
      metadata: shownMetadata(object),
    })
    partial.set(object, result)
  }
  return result
}

/** The count of templates of a DaemonSet is a field that only its own version shows as an annotation. */
function shownMetadata({ kind, apiVersion, metadata }: KubeObject): ObjectMeta {
  if (kind !== 'DaemonSet' || apiVersion !== 'apps/v1') return metadata
  const { annotations: { [templateGeneration]: _, ...others } = {}, ...rest } = metadata
  return Object.keys(others).length === 0 ? rest : { ...rest, annotations: others }
}

/** What a table shows. `columns` false leaves the definitions out, as later events of a watch do. */
export function table(
  items: readonly KubeObject[],
  { resource, query }: Pick<Call, 'resource' | 'query'>,
  {
    now,
    metadata,
    columns = true,
  }: { readonly now: number; readonly metadata: object; readonly columns?: boolean },
): object {
  const include = query['includeObject'] ?? 'Metadata'
  return {
    kind: 'Table',
    apiVersion: metaGroup,
    metadata,
    ...(columns ? { columnDefinitions: tableColumns(resource) } : { columnDefinitions: null }),
    rows: tableRows(items, resource, now).map(({ object, ...row }) => ({
      ...row,
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : metadataOnly(object) }),
    })),
  }
}

function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`
}
