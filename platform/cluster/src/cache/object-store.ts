import type { KubeObject } from '@sluice/ports'
import type { ObjectKey } from '../cluster.ts'
import { type Entry, type ObjectIndex, objectIndex } from './object-index.ts'
import { compareResourceVersions, versionOf } from './resource-version.ts'
import type { CacheChange } from './watch-cache.ts'

type Origin = 'watch' | 'write'

/**
 * The objects behind a cache. Two streams feed it: the watch, in the server's order, and the responses of this process'
 * writes, which may overtake the watch or be overtaken by it. The later resource version of an object always wins.
 */
export class ObjectStore<T extends KubeObject> {
  readonly #byNamespace = new Map<string, Map<string, Entry<T>>>()
  readonly #indexes = new Map<string, ObjectIndex<T>>()
  readonly #listeners = new Set<(change: CacheChange<T>) => void>()
  /** Versions at which own writes removed an object that the watch has not removed yet. */
  readonly #tombstones = new Map<string, string>()
  /** Objects that this process has deleted and the watch still knows. */
  readonly #doomed = new Set<string>()
  readonly #admitsNew: (object: T) => boolean
  /** All up to this resource version has come in through list and watch. */
  #horizon = ''
  #size = 0

  /** @param admitsNew whether an object that a write made belongs into this store, which may hold only some. */
  constructor(admitsNew: (object: T) => boolean) {
    this.#admitsNew = admitsNew
  }

  get size(): number {
    return this.#size
  }

  get({ namespace = '', name }: ObjectKey): T | undefined {
    return this.#byNamespace.get(namespace)?.get(name)?.object
  }

  list(namespace?: string): readonly T[] {
    const groups =
      namespace === undefined ? this.#byNamespace.values() : [this.#byNamespace.get(namespace) ?? new Map()]
    const objects: T[] = []
    for (const group of groups) {
      for (const { object } of group.values()) objects.push(object)
    }
    return objects
  }

  addIndex(name: string, valuesOf: (object: T) => readonly string[]): void {
    const index = objectIndex(valuesOf)
    this.#indexes.set(name, index)
    for (const group of this.#byNamespace.values()) {
      for (const entry of group.values()) index.update(entry)
    }
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#indexes.get(name)?.find(value) ?? []
  }

  subscribe(listener: (change: CacheChange<T>) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** A list came in: what it does not have is gone, unless a later write made it. */
  replace(objects: readonly T[], resourceVersion: string): void {
    const stale = new Map<string, Entry<T>>()
    for (const group of this.#byNamespace.values()) {
      for (const entry of group.values()) stale.set(identityOf(entry.object), entry)
    }
    for (const object of objects) {
      stale.delete(identityOf(object))
      this.#set(object, 'watch')
    }
    for (const { object } of stale.values()) {
      if (compareResourceVersions(versionOf(object), resourceVersion) <= 0) this.#remove(object, 'watch')
    }
    this.advance(resourceVersion)
  }

  /** The watch has come this far. */
  advance(resourceVersion: string): void {
    this.#horizon = resourceVersion
    for (const [identity, version] of this.#tombstones) {
      if (compareResourceVersions(version, resourceVersion) <= 0) this.#tombstones.delete(identity)
    }
  }

  /** The watch reports that `object` was added or changed. */
  setFromWatch(object: T): void {
    const isDying = object.metadata.deletionTimestamp !== undefined
    this.#set(object, isDying ? this.#originOf(object) : 'watch')
    this.advance(versionOf(object))
  }

  /** The watch reports that `object` is gone; its version is that of the removal. */
  removeFromWatch(object: T): void {
    const current = this.get(keyOfMeta(object))
    if (current && compareResourceVersions(versionOf(current), versionOf(object)) <= 0) {
      this.#remove(current, this.#originOf(object))
    }
    this.#doomed.delete(identityOf(object))
    this.advance(versionOf(object))
  }

  /** This process has deleted the object: its end, when the watch reports it, is its own doing. */
  observeDelete(key: ObjectKey): void {
    if (this.get(key)) this.#doomed.add(`${key.namespace ?? ''}/${key.name}`)
  }

  /** A write of this process answered with `object`. */
  observeWrite(object: T): void {
    const current = this.get(keyOfMeta(object))
    if (isGone(object)) {
      if (current && compareResourceVersions(versionOf(current), versionOf(object)) > 0) return
      if (compareResourceVersions(versionOf(object), this.#horizon) > 0) {
        this.#tombstones.set(identityOf(object), versionOf(object))
      }
      if (current) this.#remove(current, 'write')
      return
    }
    // Without a current object, one from before the horizon is already deleted again, or does not belong here.
    const isNews = compareResourceVersions(versionOf(object), this.#horizon) > 0 && this.#admitsNew(object)
    if (current || isNews) this.#set(object, 'write')
  }

  #originOf(object: T): Origin {
    return this.#doomed.has(identityOf(object)) ? 'write' : 'watch'
  }

  #set(object: T, origin: Origin): void {
    const { namespace = '', name } = keyOfMeta(object)
    const version = versionOf(object)
    const tombstone = this.#tombstones.get(identityOf(object))
    if (tombstone !== undefined && compareResourceVersions(version, tombstone) <= 0) return

    let group = this.#byNamespace.get(namespace)
    if (!group) {
      group = new Map()
      this.#byNamespace.set(namespace, group)
    }
    const entry = group.get(name)
    if (!entry) {
      const added = { object }
      group.set(name, added)
      this.#size += 1
      for (const index of this.#indexes.values()) index.update(added)
      this.#announce({ after: object }, origin)
      return
    }
    if (compareResourceVersions(versionOf(entry.object), version) >= 0) return
    const before = entry.object
    entry.object = object
    for (const index of this.#indexes.values()) index.update(entry)
    this.#announce({ before, after: object }, origin)
  }

  #remove(object: T, origin: Origin): void {
    const { namespace = '', name } = keyOfMeta(object)
    const group = this.#byNamespace.get(namespace)
    const entry = group?.get(name)
    if (!group || !entry) return
    group.delete(name)
    if (group.size === 0) this.#byNamespace.delete(namespace)
    this.#size -= 1
    for (const index of this.#indexes.values()) index.remove(entry)
    this.#announce({ before: entry.object }, origin)
  }

  #announce(change: CacheChange<T>, origin: Origin): void {
    const told = origin === 'write' ? { ...change, origin } : change
    for (const listener of this.#listeners) listener(told)
  }
}

function keyOfMeta({ metadata: { namespace, name = '' } }: KubeObject): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name }
}

function identityOf({ metadata: { namespace = '', name = '' } }: KubeObject): string {
  return `${namespace}/${name}`
}

/** Whether a write's answer shows an object that the server removed with it. */
function isGone({ metadata }: KubeObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0
  )
}
