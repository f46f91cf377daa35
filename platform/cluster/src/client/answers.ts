import { formatApiVersion } from '@sluice/ports'
import { ApiError } from '../api-error.ts'
import type { Resource } from '../cluster.ts'

/** One page of a list. `continueToken` is empty on the last. */
export type Page = {
  readonly items: readonly unknown[]
  readonly resourceVersion: string
  readonly continueToken: string
}

/** @throws {ApiError} when the server answered with something else. */
export function decodePage(body: unknown, resource: Resource): Page {
  const { items, metadata } = isRecord(body) ? body : {}
  if (!Array.isArray(items) || !isRecord(metadata)) {
    throw new ApiError({
      message: `the server answered with something that is not a list of ${resource.plural}`,
    })
  }
  return {
    items: items.map((it) => withKind(it, resource)),
    resourceVersion: textOf(metadata['resourceVersion']),
    continueToken: textOf(metadata['continue']),
  }
}

/**
 * Puts the kind where it is missing: items of lists of built-in types have none, metadata-only answers another.
 * Answers of other kinds, such as the review that a subresource returns, stay as they are.
 */
export function withKind(value: unknown, resource: Resource): unknown {
  if (!isRecord(value)) return value
  const { kind } = value
  if (kind !== undefined && kind !== 'PartialObjectMetadata') return value
  return { ...value, apiVersion: formatApiVersion(resource.group, resource.version), kind: resource.kind }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
