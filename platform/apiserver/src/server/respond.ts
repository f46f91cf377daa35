import type { WatchEvent } from '@sluice/cluster'
import type { ApiResource } from '../registry/api-resource.ts'

/** What the server answers, before any encoding. Refusals are thrown as ApiErrors instead. */
export type ServerResponse =
  | {
      readonly kind: 'object'
      readonly status: number
      /** May be frozen and shared with the store. */
      readonly body: object
      /** Present when it is not plain JSON. */
      readonly contentType?: string
      readonly warnings: readonly string[]
      /** Set for lists of objects: how their items are written. */
      readonly resource?: ApiResource
      /** Set for documents that clients keep: who has this one is told so instead. */
      readonly etag?: string
      /** Whether what is at this address never changes. */
      readonly isImmutable?: boolean
    }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly text: string
      readonly contentType: string
      /** Where to look instead. */
      readonly location?: string
    }
  | {
      readonly kind: 'watch'
      readonly events: AsyncIterable<WatchEvent>
      readonly warnings: readonly string[]
      readonly resource: ApiResource
      readonly accept: string
      readonly query: Readonly<Record<string, string>>
    }

export function textResponse(
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): Extract<ServerResponse, { kind: 'text' }> {
  return { kind: 'text', status, text, contentType }
}

/** What a path answers that nothing serves. */
export const pageNotFound: ServerResponse = textResponse(404, '404 page not found\n')
