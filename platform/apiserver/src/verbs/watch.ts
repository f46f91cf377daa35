import type { WatchEvent } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { groupVersionOf, storageKey, storagePrefix } from '../registry/api-resource.ts'
import { type ListQuery, listQuery } from '../request/list-options.ts'
import { expired } from '../status/status-error.ts'
import { isStorageError, type StorageEvent } from '../storage/storage.ts'
import type { Call, Core } from './call.ts'
import { fromStorage } from './convert.ts'
import { type Selection, selection, tooLargeVersion } from './read.ts'

const bookmarkEveryMs = 60_000
const minTimeoutMs = 30 * 60_000
const initialEventsEnd = 'k8s.io/initial-events-end'

/** A watch that has begun. Iterating it ends when the server ends it; a lost place throws an ApiError of code 410. */
export type OpenWatch = AsyncIterable<WatchEvent>

/**
 * Begins a watch: from now on nothing is missed.
 *
 * @throws {ApiError} when the options are malformed or the revision is not known yet
 */
export function watchObjects(core: Core, call: Call): OpenWatch {
  const query = listQuery(call.query, true)
  const selected = selection(call, query)
  const { storage } = core
  const from = query.resourceVersion
  if (from !== undefined && from > storage.revision) throw tooLargeVersion(from, storage.revision)
  // Without a revision a watch begins with what is there; with 0 as well.
  const withInitial = query.sendInitialEvents ?? (from === undefined || from === 0)
  const revision = withInitial || from === undefined || from === 0 ? storage.revision : from
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, call.signal, core.stopped])
  const prefix =
    selected.name !== undefined && (call.namespace !== '' || !call.resource.namespaced)
      ? storageKey(call.resource, call.namespace, selected.name)
      : storagePrefix(call.resource, call.namespace)
  let changes: AsyncIterable<StorageEvent>
  try {
    changes = storage.watch(prefix, { revision, signal })
  } catch (error) {
    if (!isStorageError(error, 'REVISION_COMPACTED')) throw error
    return failing(expired(error.message))
  }
  const initial = withInitial
    ? storage.list(prefix).objects.filter((it) => !selected.matches || selected.matches(it))
    : []
  return run(core, call, { query, selected, changes, initial, revision, stop, signal })
}

type Running = {
  readonly query: ListQuery
  readonly selected: Selection
  readonly changes: AsyncIterable<StorageEvent>
  readonly initial: readonly KubeObject[]
  readonly revision: number
  readonly stop: AbortController
  readonly signal: AbortSignal
}

async function* run(core: Core, call: Call, running: Running): AsyncGenerator<WatchEvent> {
  const { query, selected, changes, initial, revision, stop, signal } = running
  const { resource } = call
  const timer = endLater(core, { query, stop, signal })
  try {
    for (const object of initial) yield { type: 'ADDED', object: fromStorage(object, resource) }
    if (query.sendInitialEvents === true && query.allowBookmarks) {
      yield bookmark(call, revision, { [initialEventsEnd]: 'true' })
    }
    let lastBookmark = core.clock.now()
    for await (const change of changes) {
      const event = select(change, selected)
      if (event) yield { type: event.type, object: fromStorage(event.object, resource) }
      if (query.allowBookmarks && core.clock.now() - lastBookmark >= bookmarkEveryMs) {
        lastBookmark = core.clock.now()
        yield bookmark(call, change.revision)
      }
    }
    // A last word on how far the client has come saves it a new list.
    if (query.allowBookmarks && !call.signal.aborted) yield bookmark(call, core.storage.revision)
  } catch (error) {
    if (!isStorageError(error, 'WATCHER_TOO_SLOW')) throw error
    throw expired('the watcher did not keep up with the changes')
  } finally {
    stop.abort()
    await timer
  }
}

async function endLater(
  { clock }: Core,
  { query, stop, signal }: Pick<Running, 'query' | 'stop' | 'signal'>,
): Promise<void> {
  const { timeoutSeconds } = query
  const ms = timeoutSeconds === undefined || timeoutSeconds <= 0 ? minTimeoutMs : timeoutSeconds * 1_000
  try {
    await clock.sleep(ms, signal)
    stop.abort()
  } catch (error) {
    // The watch ended before its time.
    if (!signal.aborted) throw error
  }
}

/** What a change looks like to someone who sees only what is selected. */
function select(
  { type, object, previous }: StorageEvent,
  { matches }: Selection,
): { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject } | undefined {
  const was = previous !== undefined && (!matches || matches(previous))
  if (type === 'delete') return was ? { type: 'DELETED', object } : undefined
  const is = !matches || matches(object)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object }
  if (!was || !previous) return undefined
  // It left the selection: its last selected state, at the revision at which it left.
  const metadata = { ...previous.metadata, resourceVersion: object.metadata.resourceVersion ?? '' }
  return { type: 'DELETED', object: { ...previous, metadata } }
}

function bookmark(
  { resource }: Call,
  revision: number,
  annotations?: Readonly<Record<string, string>>,
): WatchEvent {
  return {
    type: 'BOOKMARK',
    object: {
      kind: resource.kind,
      apiVersion: groupVersionOf(resource),
      metadata: { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) },
    },
  }
}

/** A watch whose first word is that it cannot be. */
function failing(error: Error): OpenWatch {
  return {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  }
}
