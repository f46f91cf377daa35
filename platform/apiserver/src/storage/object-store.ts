import type { KubeObject } from '@sluice/ports'
import { deepFreeze } from './deep-freeze.ts'
import { EventFeed } from './event-feed.ts'
import { History } from './history.ts'
import { SortedBucket } from './sorted-bucket.ts'
import {
  type ListOptions,
  type Precondition,
  type Snapshot,
  type Storage,
  StorageError,
  type StorageEvent,
} from './storage.ts'

/** Where writes go before they count. Without one, a write counts at once. */
export interface Journal {
  /** Resolves when the change is durable. Rejects when it is not, and then later ones waiting with it reject too. */
  append(event: StorageEvent): Promise<void>
  close(): Promise<void>
}

type Pending = { readonly object: KubeObject | undefined; readonly settled: Promise<unknown> }

export type ObjectStoreOptions = {
  readonly journal?: Journal
  /** How many past changes can be watched and listed. */
  readonly historyEvents?: number
  /** What was there before, in any order, and the revision of that moment. */
  readonly initial?: { readonly revision: number; readonly objects: Iterable<readonly [string, KubeObject]> }
}

type Place = { readonly bucket: SortedBucket; readonly feed: EventFeed }

/** The store in memory: what both storages are, with or without a journal. */
export class ObjectStore implements Storage {
  readonly #journal: Journal | undefined
  readonly #places = new Map<string, Place>()
  readonly #history: History
  /** Those who watch everything. */
  readonly #all = new EventFeed()
  /** Writes on their way to the journal: later ones must respect them though nobody sees them yet. */
  readonly #pending = new Map<string, Pending>()
  #revision: number
  #lastGiven: number
  #closed = false

  constructor({ journal, historyEvents = 20_000, initial }: ObjectStoreOptions = {}) {
    this.#journal = journal
    this.#revision = initial?.revision ?? 0
    this.#lastGiven = this.#revision
    this.#history = new History(historyEvents, this.#revision)
    for (const [key, object] of initial?.objects ?? []) this.#place(key).bucket.set(key, deepFreeze(object))
  }

  get revision(): number {
    return this.#revision
  }

  get compactedRevision(): number {
    return this.#history.compacted
  }

  get(key: string): KubeObject | undefined {
    return this.#places.get(placeOf(key))?.bucket.get(key)
  }

  list(prefix: string, { revision, after, limit = Infinity }: ListOptions = {}): Snapshot {
    const place = this.#places.get(placeOf(prefix))
    const at = revision ?? this.#revision
    if (at < this.#history.compacted) throw this.#compactedError(at)
    if (!place) return { revision: at, objects: [], remaining: 0 }
    const undo = at < this.#revision ? this.#overlay(prefix, at) : undefined
    const { start, end } = place.bucket.range(prefix, after)
    if (!undo || undo.size === 0) {
      const stop = Math.min(end, start + limit)
      return { revision: at, objects: place.bucket.slice(start, stop), remaining: end - stop }
    }
    const then = new Map(place.bucket.entries(start, end))
    for (const [key, object] of undo) {
      if (after !== undefined && key <= after) continue
      if (object) then.set(key, object)
      else then.delete(key)
    }
    const entries = [...then].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const objects = entries.slice(0, Math.min(entries.length, limit)).map(([, object]) => object)
    return { revision: at, objects, remaining: entries.length - objects.length }
  }

  async put(key: string, object: KubeObject, precondition: Precondition): Promise<KubeObject> {
    if (!this.#holds(key, precondition)) throw await this.#lost(key)
    const previous = this.#latest(key)
    const revision = this.#nextRevision()
    const stamped = stamp(object, revision)
    await this.#commit({
      type: 'put',
      key,
      revision,
      object: stamped,
      ...(previous ? { previous } : {}),
    })
    return stamped
  }

  async delete(key: string, precondition: Precondition & { readonly kind: 'at' }): Promise<KubeObject> {
    if (!this.#holds(key, precondition)) throw await this.#lost(key)
    const previous = this.#latest(key)
    if (!previous) throw preconditionFailed(key)
    const revision = this.#nextRevision()
    const object = stamp(previous, revision)
    await this.#commit({ type: 'delete', key, revision, object, previous })
    return object
  }

  watch(
    prefix: string,
    { revision, signal }: { readonly revision: number; readonly signal: AbortSignal },
  ): AsyncIterable<StorageEvent> {
    if (revision < this.#history.compacted) throw this.#compactedError(revision)
    const missed = this.#history.after(revision).filter((event) => event.key.startsWith(prefix))
    const feed = prefix === '' ? this.#all : this.#place(prefix).feed
    return feed.subscribe(prefix, { missed, signal })
  }

  compact(): void {
    this.#history.compact(this.#revision)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#journal?.close()
    for (const { feed } of this.#places.values()) feed.end()
    this.#all.end()
  }

  /** Everything that is stored, in the order of keys within each resource. */
  *entries(): Generator<readonly [string, KubeObject]> {
    for (const { bucket } of this.#places.values()) {
      const { start, end } = bucket.range('')
      yield* bucket.entries(start, end)
    }
  }

  #nextRevision(): number {
    if (this.#closed) throw new StorageError('STORAGE_CLOSED', 'the store is closed')
    this.#lastGiven += 1
    return this.#lastGiven
  }

  /** The state that the next write to `key` follows, visible already or still on its way. */
  #latest(key: string): KubeObject | undefined {
    const pending = this.#pending.get(key)
    return pending ? pending.object : this.get(key)
  }

  #holds(key: string, precondition: Precondition): boolean {
    const current = this.#latest(key)
    return precondition.kind === 'absent'
      ? current === undefined
      : current?.metadata.resourceVersion === precondition.resourceVersion
  }

  /** Waits for the write that won. */
  async #lost(key: string): Promise<StorageError> {
    await this.#pending.get(key)?.settled
    return preconditionFailed(key)
  }

  #commit(event: StorageEvent): Promise<void> | undefined {
    if (!this.#journal) {
      this.#apply(event)
      return undefined
    }
    const written = this.#journal.append(event).then(
      () => {
        this.#settle(event.key, pending)
        this.#apply(event)
      },
      (error: unknown) => {
        this.#settle(event.key, pending)
        throw error
      },
    )
    const pending: Pending = {
      object: event.type === 'put' ? event.object : undefined,
      settled: written.catch(() => undefined),
    }
    this.#pending.set(event.key, pending)
    return written
  }

  #settle(key: string, pending: Pending): void {
    if (this.#pending.get(key) === pending) this.#pending.delete(key)
  }

  #apply(event: StorageEvent): void {
    const { bucket, feed } = this.#place(event.key)
    if (event.type === 'put') bucket.set(event.key, event.object)
    else bucket.delete(event.key)
    this.#revision = event.revision
    this.#history.push(event)
    feed.publish(event)
    this.#all.publish(event)
  }

  #overlay(prefix: string, revision: number): Map<string, KubeObject | undefined> {
    const overlay = new Map<string, KubeObject | undefined>()
    for (const event of this.#history.after(revision)) {
      // The first change after the moment tells what was there at it.
      if (event.key.startsWith(prefix) && !overlay.has(event.key)) overlay.set(event.key, event.previous)
    }
    return overlay
  }

  #place(key: string): Place {
    const name = placeOf(key)
    let place = this.#places.get(name)
    if (!place) {
      place = { bucket: new SortedBucket(), feed: new EventFeed() }
      this.#places.set(name, place)
    }
    return place
  }

  #compactedError(revision: number): StorageError {
    return new StorageError(
      'REVISION_COMPACTED',
      `too old resource version: ${revision} (${this.#history.compacted + 1})`,
    )
  }
}

/** `/group/plural/` of a key or prefix. */
function placeOf(key: string): string {
  return key.slice(0, key.indexOf('/', key.indexOf('/', 1) + 1) + 1)
}

function stamp(object: KubeObject, revision: number): KubeObject {
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })
}

function preconditionFailed(key: string): StorageError {
  return new StorageError('PRECONDITION_FAILED', `the stored state of ${key} is not the expected one`)
}
