import type { WatchEvent } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { ApiResource } from '../registry/api-resource.ts'
import type { ServerResponse } from '../server/respond.ts'
import { metadataOnly, table, viewOf } from '../verbs/views.ts'

/** A body as JSON. Items of built-in lists go without kind and version, which the list has. */
export function encodeBody({ body, resource }: Extract<ServerResponse, { kind: 'object' }>): string {
  const { items, kind } = body as { readonly items?: readonly KubeObject[]; readonly kind?: string }
  if (!items || !resource || resource.custom || kind !== resource.listKind) return JSON.stringify(body)
  const bare = items.map(withoutType)
  return JSON.stringify({ ...body, items: bare })
}

function withoutType(object: KubeObject): object {
  const { kind: _, apiVersion: __, ...rest } = object
  return rest
}

const maxCachedLines = 2_000

/** Makes the lines of watches, each event's once however many watch it. */
export class EventLines {
  readonly #recent = new Map<KubeObject, Map<string, Buffer>>()

  /** The line of an event as the watch wants it; `isFirst` for the first of a table. */
  line(
    event: WatchEvent,
    watch: Extract<ServerResponse, { kind: 'watch' }>,
    { isFirst, now }: { readonly isFirst: boolean; readonly now: number },
  ): Buffer {
    const { type, object } = event
    if (type === 'BOOKMARK') return encodeLine(type, bookmarkObject(object, watch))
    const view = viewOf(watch.accept)
    if (view === 'table') {
      const { metadata } = object
      return encodeLine(
        type,
        table([object], watch, {
          now,
          metadata: { resourceVersion: metadata.resourceVersion },
          columns: isFirst,
        }),
      )
    }
    return this.#cached(object, `${type}/${view}`, () =>
      encodeLine(type, view === 'metadata' ? metadataOnly(object) : object),
    )
  }

  #cached(object: KubeObject, key: string, make: () => Buffer): Buffer {
    let lines = this.#recent.get(object)
    if (!lines) {
      lines = new Map()
      this.#recent.set(object, lines)
      if (this.#recent.size > maxCachedLines) {
        const [oldest] = this.#recent.keys()
        if (oldest) this.#recent.delete(oldest)
      }
    }
    let line = lines.get(key)
    if (!line) lines.set(key, (line = make()))
    return line
  }
}

/** The line that ends a watch with an error. */
export function encodeLine(type: string, object: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`)
}

function bookmarkObject(
  object: KubeObject,
  watch: { readonly accept: string; readonly resource: ApiResource },
): object {
  switch (viewOf(watch.accept)) {
    case 'object':
      return object
    case 'metadata':
      return { ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
    case 'table':
      return {
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion: object.metadata.resourceVersion },
        columnDefinitions: null,
        rows: [{ cells: [], object: metadataOnly(object) }],
      }
  }
}
