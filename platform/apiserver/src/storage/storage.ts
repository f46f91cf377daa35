import { type KubeObject, ToolkitError } from '@sluice/ports'

/** One change of one object. `revision` rises by one with each change in the whole store. */
export type StorageEvent = {
  readonly type: 'put' | 'delete'
  readonly key: string
  readonly revision: number
  /** The object after a put, the last state before a delete. Deep-frozen, its resourceVersion is that of its last write. */
  readonly object: KubeObject
  /** What stood there before; absent on creation. */
  readonly previous?: KubeObject
}

/** What must hold for a write to happen; checked and done as one step. */
export type Precondition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'at'; readonly resourceVersion: string }

/** Entries of one consistent moment. */
export type Snapshot = { readonly revision: number; readonly objects: readonly KubeObject[] }

/**
 * Where the API server keeps its objects. All of them are in memory; an implementation adds durability.
 *
 * Keys are `/<group>/<plural>/<namespace>/<name>` with an empty namespace for cluster-scoped kinds; their order is
 * that of lists. Stored objects are frozen and handed out without copies.
 */
export interface Storage {
  readonly revision: number
  get(key: string): KubeObject | undefined
  /** Objects whose key starts with `prefix`, in the order of keys, as of now. */
  list(prefix: string): Snapshot
  /**
   * Objects as of an earlier revision, for paging over a consistent list.
   * @throws {StorageError} `REVISION_COMPACTED` when that moment is no longer known.
   */
  listAt(prefix: string, revision: number): Snapshot
  /**
   * Stamps the object's resourceVersion with the new revision and stores it. Resolves when the write is durable and
   * visible; watchers hear of it no sooner.
   * @throws {StorageError} `PRECONDITION_FAILED` or `STORAGE_FULL`; nothing has changed then.
   */
  put(key: string, object: KubeObject, precondition: Precondition): Promise<KubeObject>
  /** @throws {StorageError} as {@link Storage.put}; `PRECONDITION_FAILED` also when there is nothing to delete. */
  delete(key: string, precondition: Precondition & { readonly kind: 'at' }): Promise<KubeObject>
  /**
   * Changes under `prefix` after `revision`, in order, until `signal` aborts (ends) or the consumer falls too far behind.
   * @throws {StorageError} `REVISION_COMPACTED`, `WATCHER_TOO_SLOW`.
   */
  watch(
    prefix: string,
    options: { readonly revision: number; readonly signal: AbortSignal },
  ): AsyncIterable<StorageEvent>
  /** Writes what is pending and lets go of files. */
  close(): Promise<void>
}

export type StorageErrorCode =
  | 'PRECONDITION_FAILED'
  | 'REVISION_COMPACTED'
  | 'WATCHER_TOO_SLOW'
  | 'STORAGE_FULL'
  | 'STORAGE_DAMAGED'
  | 'STORAGE_VERSION'
  | 'STORAGE_LOCKED'
  | 'STORAGE_CLOSED'

/** The store refused or lost the ability to serve. The message names the file and the way out where there is one. */
export class StorageError extends ToolkitError {
  override readonly name = 'StorageError'

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
