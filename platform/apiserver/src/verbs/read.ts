import { type KubeObject, type LabelMatcher, LabelSelectorError, parseLabelSelector } from '@sluice/ports'
import { strategyOf } from '../kinds/strategies.ts'
import { textAt } from '../kinds/strategy.ts'
import { storageKey, storagePrefix } from '../registry/api-resource.ts'
import { type FieldMatcher, parseFieldSelector } from '../request/field-selector.ts'
import { decodeContinue, encodeContinue, type ListQuery, listQuery } from '../request/list-options.ts'
import { badRequest, expired, notFound, statusError } from '../status/status-error.ts'
import { isStorageError } from '../storage/storage.ts'
import type { Answer, Call, Core } from './call.ts'
import { fromStorage } from './convert.ts'
import { present, presentList, viewOf } from './views.ts'

const none: Readonly<Record<string, string>> = {}
/** How many objects are looked at between two checks whether a page is full. */
const chunkSize = 1_000

/** The stored object of a call. @throws {ApiError} NotFound */
export function currentObject({ storage }: Core, { resource, namespace, name }: Call): KubeObject {
  const stored = storage.get(storageKey(resource, namespace, name))
  if (!stored) throw notFound(resource, name)
  return stored
}

export function getObject(core: Core, call: Call): Answer {
  const stored = currentObject(core, call)
  return { status: 200, body: present(fromStorage(stored, call.resource), call, core.clock.now()) }
}

/** What a list or watch selects. */
export type Selection = {
  readonly matches: ((object: KubeObject) => boolean) | undefined
  /** The one name that is asked for, when it is known. */
  readonly name: string | undefined
}

/** @throws {ApiError} BadRequest when a selector is malformed */
export function selection(call: Call, { labelSelector, fieldSelector }: ListQuery): Selection {
  const labels = labelMatcherOf(labelSelector)
  const fields = fieldsOf(call, fieldSelector)
  const name = call.name === '' ? fields?.name : call.name
  if (!labels && !fields && call.name === '') return { matches: undefined, name }
  return {
    name,
    matches: (object) =>
      (call.name === '' || object.metadata.name === call.name) &&
      (!labels || labels(object.metadata.labels ?? none)) &&
      (!fields || fields.matches(object)),
  }
}

function labelMatcherOf(text: string): LabelMatcher | undefined {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    throw error instanceof LabelSelectorError ? badRequest(error.message) : error
  }
}

function fieldsOf({ resource }: Call, fieldSelector: string): FieldMatcher | undefined {
  const strategy = strategyOf(resource)
  const known =
    resource.custom?.selectableFields.map((it) => it.replace(/^\./, '')) ?? strategy.selectableFields ?? []
  return parseFieldSelector(fieldSelector, known, strategy.readField ?? textAt)
}

export function listObjects(core: Core, call: Call): Answer {
  const query = listQuery(call.query, false)
  const selected = selection(call, query)
  const page = readPage(core, call, { query, selected })
  const items = page.objects.map((it) => fromStorage(it, call.resource))
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.next === undefined && !saysNoMore(call) ? {} : { continue: page.next ?? '' }),
    ...(page.next !== undefined && !selected.matches ? { remainingItemCount: page.remaining } : {}),
  }
  return { status: 200, body: presentList(items, metadata, { call, now: core.clock.now() }) }
}

/** Plain lists of custom resources say so when there is no more. */
function saysNoMore({ resource, accept }: Call): boolean {
  return resource.custom !== undefined && viewOf(accept) === 'object'
}

type Page = {
  readonly revision: number
  readonly objects: readonly KubeObject[]
  readonly next: string | undefined
  readonly remaining: number
}

type PageQuery = { readonly query: ListQuery; readonly selected: Selection }

function readPage(core: Core, call: Call, { query, selected }: PageQuery): Page {
  const token = query.continueToken === '' ? undefined : decodeContinue(query.continueToken)
  checkRevision(core, query)
  const asked = token?.revision ?? (query.exact ? query.resourceVersion : undefined)
  const revision = asked === undefined || asked <= 0 ? core.storage.revision : asked
  try {
    return collect(core, call, {
      selected,
      revision,
      after: token?.after,
      limit: query.limit > 0 ? query.limit : Infinity,
    })
  } catch (error) {
    if (!isStorageError(error, 'REVISION_COMPACTED')) throw error
    throw token === undefined
      ? expired('The resourceVersion for the provided list is too old.')
      : expiredToken(core, token.after)
  }
}

type Collecting = {
  readonly selected: Selection
  readonly revision: number
  readonly after: string | undefined
  readonly limit: number
}

/** Reads on, chunk by chunk, until the page is full or nothing is left. */
function collect(
  { storage }: Core,
  { resource, namespace }: Call,
  { selected, revision, after, limit }: Collecting,
): Page {
  const prefix =
    selected.name !== undefined && namespace !== ''
      ? storageKey(resource, namespace, selected.name)
      : storagePrefix(resource, namespace)
  const matches = selected.matches ?? (() => true)
  const objects: KubeObject[] = []
  let from = after
  while (true) {
    const wanted = selected.matches && limit !== Infinity ? chunkSize : limit - objects.length
    const chunk = storage.list(prefix, {
      revision,
      ...(from === undefined ? {} : { after: from }),
      ...(wanted === Infinity ? {} : { limit: wanted }),
    })
    let taken = 0
    while (taken < chunk.objects.length && objects.length < limit) {
      const object = chunk.objects[taken]
      if (object && matches(fromStorage(object, resource))) objects.push(object)
      taken += 1
    }
    const last = chunk.objects[taken - 1]
    const remaining = chunk.objects.length - taken + chunk.remaining
    if (remaining === 0 || !last) return { revision, objects, next: undefined, remaining: 0 }
    from = storageKey(resource, last.metadata.namespace ?? '', last.metadata.name ?? '')
    if (objects.length === limit) {
      return { revision, objects, next: encodeContinue({ revision, after: from }), remaining }
    }
  }
}

/** The way on for a client whose pages are of a moment that is forgotten: the rest, as of now. */
function expiredToken({ storage }: Core, after: string | undefined): Error {
  return statusError(410, 'Expired', {
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    continueToken: encodeContinue({ revision: storage.revision, after: after ?? '' }),
  })
}

function checkRevision({ storage }: Core, { resourceVersion, exact }: ListQuery): void {
  if (resourceVersion === undefined || resourceVersion <= storage.revision) return
  if (exact) throw expired('The resourceVersion for the provided list is too old.')
  throw tooLargeVersion(resourceVersion, storage.revision)
}

/** The client knows a revision that has not happened here. */
export function tooLargeVersion(wanted: number, current: number): Error {
  return statusError(504, 'Timeout', {
    message: `Too large resource version: ${wanted}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}
