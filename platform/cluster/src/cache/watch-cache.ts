import type { KubeObject } from '@sluice/ports'
import type { ObjectKey, Resource } from '../cluster.ts'

/** What became of one object: `before` is absent when it is new, `after` when it is gone. */
export type CacheChange<T> = {
  readonly before?: T
  readonly after?: T
  /** There when a write of this process did it, and nobody else. */
  readonly origin?: 'write'
}

/**
 * The objects of one resource, kept up to date by a watch and read without asking the server.
 *
 * What is returned is shared: never change it. Responses of writes through {@link CacheSet.cluster} enter at once, so
 * that a read after a write never sees an older object.
 */
export interface WatchCache<T extends KubeObject = KubeObject> {
  readonly resource: Resource
  /** The only namespace whose objects are held; all are when absent. */
  readonly namespace: string | undefined
  readonly size: number
  get(key: ObjectKey): T | undefined
  /** All objects, or those of a namespace. In no particular order. */
  list(namespace?: string): readonly T[]
  /**
   * Keeps objects findable by what `valuesOf` returns. Adding the same name twice replaces the index.
   * Costs one call of `valuesOf` a change.
   */
  addIndex(name: string, valuesOf: (object: T) => readonly string[]): void
  /** Objects that an index has under `value`; empty when the index is not known. */
  byIndex(name: string, value: string): readonly T[]
  /** Calls `listener` after each change; the result ends that. A listener must not throw. */
  subscribe(listener: (change: CacheChange<T>) => void): () => void
  /** Resolves when the first list is in; at once after that. */
  synced(signal: AbortSignal): Promise<void>
}

/** Which objects a cache holds. Two requests with equal options share one cache and one watch. */
export type CacheOptions = {
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  /** Only metadata: for drift watches, where the rest is not needed. */
  readonly metadataOnly?: boolean
  /** Only names, versions and what says that an object is going: who looks for changes needs no more. */
  readonly versionsOnly?: boolean
}
