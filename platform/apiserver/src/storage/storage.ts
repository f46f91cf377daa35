import { type KubeObject, ToolkitError } from '@sluice/ports'

/** One change of one object. `revision` rises by one with each change in the whole store. */
export type StorageEvent = {
  readonly type: 'put' | 'delete'
  readonly key: string
  readonly revision: number
  /**
   * The object after a put, the last state before a delete with the delete's own revision as its resourceVersion.
   * Deep-frozen.
   */
  readonly object: KubeObject
  /** What stood there before; absent on creation. */
  readonly previous?: KubeObject
}

/** What must hold for a write to happen; checked and done as one step. */
export type Precondition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'at'; readonly resourceVersion: string }

/** Entries of one consistent moment. */
export type Snapshot = {
  readonly revision: number
  readonly objects: readonly KubeObject[]
  /** How many more entries follow those that `limit` allowed. */
  readonly remaining: number
}

export type ListOptions = {
  /** As of this earlier revision, for paging over a consistent list; now when absent. */
  readonly revision?: number
  /** Only entries whose key comes after this one. */
  readonly after?: string
  readonly limit?: number
}

/**
 * Where the API server keeps its objects. All of them are in memory; an implementation adds durability.
 *
 * Keys are `/<group>/<plural>/<namespace>/<name>` with an empty namespace for cluster-scoped kinds; their order is
 * that of lists. Stored objects are frozen and handed out without copies.
 */
export interface Storage {
  /** Revision of the last change that is visible. */
  readonly revision: number
  /** Changes up to this revision can no longer be watched or listed. */
  readonly compactedRevision: number
  get(key: string): KubeObject | undefined
  /**
   * Objects whose key starts with `prefix`, which is at least `/<group>/<plural>/`, in the order of keys.
   * @throws {StorageError} `REVISION_COMPACTED` when the asked-for revision is no longer known.
   */
  list(prefix: string, options?: ListOptions): Snapshot
  /**
   * Stamps the object's resourceVersion with the new revision, freezes and stores it. Resolves when the write is
   * durable and visible; watchers hear of it no sooner. A caller that lost a race hears so only when the winner is
   * visible, so reading again helps.
   * @throws {StorageError} `PRECONDITION_FAILED`, `STORAGE_FULL`, `STORAGE_CLOSED`; nothing has changed then.
   */
  put(key: string, object: KubeObject, precondition: Precondition): Promise<KubeObject>
  /** @throws {StorageError} as {@link Storage.put}; `PRECONDITION_FAILED` also when there is nothing to delete. */
  delete(key: string, precondition: Precondition & { readonly kind: 'at' }): Promise<KubeObject>
  /**
   * Changes under `prefix`, of everything when it is empty, after `revision`, in order, until `signal` aborts (ends) or the consumer falls too far behind.
   * @throws {StorageError} `REVISION_COMPACTED` at once, `WATCHER_TOO_SLOW` from the iterator.
   */
  watch(
    prefix: string,
    options: { readonly revision: number; readonly signal: AbortSignal },
  ): AsyncIterable<StorageEvent>
  /** Everything that is stored now, with its keys. */
  entries(): Iterable<readonly [string, KubeObject]>
  /** Forgets the history: nothing before now can be watched or listed any more. */
  compact(): void
  /** Writes what is pending and lets go of files. Open watches end. */
  close(): Promise<void>
}

export type StorageErrorCode =
  | 'PRECONDITION_FAILED'
  | 'REVISION_COMPACTED'
  | 'WATCHER_TOO_SLOW'
  | 'STORAGE_FULL'
  | 'STORAGE_IO'
  | 'STORAGE_DAMAGED'
  | 'STORAGE_VERSION'
  | 'STORAGE_LOCKED'
  | 'STORAGE_CLOSED'

/** The store refused or lost the ability to serve. The message names the file and the way out where there is one. */
export class StorageError extends ToolkitError {
  override readonly name = 'StorageError'
  declare readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** Whether `error` is a {@link StorageError} with this code. */
export function isStorageError(error: unknown, code: StorageErrorCode): error is StorageError {
  return error instanceof StorageError && error.code === code
}
