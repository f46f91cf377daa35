import { createHash } from 'node:crypto'
import { GitError } from '../git-error.ts'
import { idLength, type ObjectFormat } from '../protocol/refs.ts'
import { applyDelta, deltaResultBytes } from './delta.ts'
import { inflateAt, type ObjectType, type PackEntry, readEntryHeader } from './pack-entries.ts'

export type GitObject = { readonly type: ObjectType; readonly content: Uint8Array }

/** Objects by name. */
export type ObjectStore = {
  readonly objectFormat: ObjectFormat
  readonly has: (id: string) => boolean
  /** Size of the object's content, without reading it. */
  readonly sizeBytes: (id: string) => number
  /** @throws {GitError} `GIT_OBJECT_NOT_FOUND` */
  readonly get: (id: string) => GitObject
}

export type PackBounds = {
  readonly maxObjects: number
  /** Of one object. */
  readonly maxObjectBytes: number
  /** Inflated over all, with what is inflated again: bounds both memory bombs and time. */
  readonly maxWorkBytes: number
  /** Contents kept in memory at a time. */
  readonly cacheBytes: number
}

export const defaultPackBounds: PackBounds = {
  maxObjects: 5_000_000,
  maxObjectBytes: 512 * 1024 * 1024,
  maxWorkBytes: 32 * 1024 ** 3,
  cacheBytes: 48 * 1024 * 1024,
}

/**
 * Indexes a pack that is wholly in memory: every object is inflated once, named and checked against the pack's
 * checksum; what is asked for later comes from a cache or is inflated again.
 *
 * @throws {GitError} `GIT_DAMAGED` or `GIT_TOO_LARGE`.
 */
export function readPack(
  pack: Buffer,
  objectFormat: ObjectFormat,
  bounds: PackBounds = defaultPackBounds,
): ObjectStore {
  const index = new PackIndex(pack, objectFormat, bounds)
  index.build()
  return index
}

/** An indexed entry. A delta knows its type only once its base is known. */
type Slot = { readonly entry: PackEntry; type: ObjectType | undefined; sizeBytes: number }

const headerBytes = 12

class PackIndex implements ObjectStore {
  readonly objectFormat: ObjectFormat
  readonly #pack: Buffer
  readonly #bounds: PackBounds
  readonly #idBytes: number
  readonly #slots = new Map<number, Slot>()
  readonly #offsets = new Map<string, number>()
  readonly #cache: ContentCache
  #workBytes = 0

  constructor(pack: Buffer, objectFormat: ObjectFormat, bounds: PackBounds) {
    this.objectFormat = objectFormat
    this.#pack = pack
    this.#bounds = bounds
    this.#idBytes = idLength(objectFormat) / 2
    this.#cache = new ContentCache(bounds.cacheBytes)
  }

  has = (id: string): boolean => this.#offsets.has(id)

  sizeBytes = (id: string): number => this.#slot(this.#offsetOf(id)).sizeBytes

  get = (id: string): GitObject => {
    const offset = this.#offsetOf(id)
    const { type } = this.#slot(offset)
    if (!type) throw damaged('delta without a base')
    return { type, content: this.#content(offset) }
  }

  build(): void {
    const count = this.#readHeader()
    this.#verifyChecksum()
    let at = headerBytes
    const end = this.#pack.length - this.#idBytes
    const deltas: number[] = []
    for (let i = 0; i < count; i += 1) {
      const entry = readEntryHeader(this.#pack, at, this.#idBytes)
      this.#spend(entry.sizeBytes)
      const { data, endAt } = inflateAt(this.#pack, entry)
      if (endAt > end) throw damaged('unexpected EOF')
      if (entry.kind === 'whole') {
        this.#slots.set(at, { entry, type: entry.type, sizeBytes: entry.sizeBytes })
        this.#name(at, entry.type, data)
        this.#cache.put(at, data)
      } else {
        this.#slots.set(at, { entry, type: undefined, sizeBytes: deltaResultBytes(data) })
        // The base mostly stands before its deltas: then what was just inflated need not be inflated again.
        if (!this.#tryResolve(at, data)) deltas.push(at)
      }
      at = endAt
    }
    if (at !== end) throw damaged('bytes after the last object')
    this.#resolve(deltas)
  }

  #readHeader(): number {
    const { length } = this.#pack
    if (length < headerBytes + this.#idBytes) throw damaged('unexpected EOF')
    if (this.#pack.toString('latin1', 0, 4) !== 'PACK') throw damaged('malformed pack signature')
    const version = this.#pack.readUInt32BE(4)
    if (version !== 2 && version !== 3) throw damaged(`unsupported version ${version}`)
    const count = this.#pack.readUInt32BE(8)
    if (count > this.#bounds.maxObjects) throw tooLarge(`more than ${this.#bounds.maxObjects} objects`)
    return count
  }

  #verifyChecksum(): void {
    const end = this.#pack.length - this.#idBytes
    const sum = createHash(this.objectFormat).update(this.#pack.subarray(0, end)).digest()
    if (!sum.equals(this.#pack.subarray(end))) throw damaged('checksum mismatch')
  }

  /** Names all deltas. Bases mostly come first; deltas by name may have to wait for one that is named later. */
  #resolve(deltas: readonly number[]): void {
    let waiting = deltas
    while (waiting.length > 0) {
      const still = waiting.filter((offset) => !this.#tryResolve(offset))
      if (still.length === waiting.length) throw damaged('delta without a base')
      waiting = still
    }
  }

  #tryResolve(offset: number, delta?: Buffer): boolean {
    const slot = this.#slot(offset)
    const base = this.#baseOf(slot.entry)
    const type = base === undefined ? undefined : this.#slots.get(base)?.type
    if (base === undefined || !type) return false
    const content = this.#apply(slot, this.#content(base), delta)
    this.#cache.put(offset, content)
    this.#name(offset, type, content)
    slot.type = type
    return true
  }

  #apply({ entry, sizeBytes }: Slot, base: Uint8Array, delta = this.#inflate(entry)): Uint8Array {
    this.#spend(sizeBytes)
    return applyDelta(base, delta)
  }

  #baseOf(entry: PackEntry): number | undefined {
    if (entry.kind === 'whole') return undefined
    if (entry.kind === 'id-delta') return this.#offsets.get(entry.baseId)
    if (!this.#slots.has(entry.baseAt)) throw damaged('delta base out of range')
    return entry.baseAt
  }

  #name(offset: number, type: ObjectType, content: Uint8Array): void {
    const id = createHash(this.objectFormat)
      .update(`${type} ${content.length}\0`)
      .update(content)
      .digest('hex')
    this.#offsets.set(id, offset)
  }

  /** Content of the object at `offset`, through as many deltas as need be, without recursion. */
  #content(offset: number): Uint8Array {
    const chain: number[] = []
    let content: Uint8Array | undefined
    let at: number | undefined = offset
    while (at !== undefined && !content) {
      content = this.#cache.get(at)
      if (content) break
      const { entry }: Slot = this.#slot(at)
      if (entry.kind === 'whole') {
        content = this.#inflate(entry)
        this.#cache.put(at, content)
      } else {
        chain.push(at)
        at = this.#baseOf(entry)
        // A base is always resolved before what builds on it, so a chain can not be longer than the pack.
        if (chain.length > this.#slots.size) throw damaged('delta cycle')
      }
    }
    if (!content) throw damaged('delta without a base')
    for (const next of chain.toReversed()) {
      content = this.#apply(this.#slot(next), content)
      this.#cache.put(next, content)
    }
    return content
  }

  #inflate(entry: PackEntry): Buffer {
    this.#spend(entry.sizeBytes)
    return inflateAt(this.#pack, entry).data
  }

  #spend(sizeBytes: number): void {
    const { maxObjectBytes, maxWorkBytes } = this.#bounds
    if (sizeBytes > maxObjectBytes) throw tooLarge(`an object exceeds ${maxObjectBytes} bytes`)
    this.#workBytes += sizeBytes
    if (this.#workBytes > maxWorkBytes) throw tooLarge(`more than ${maxWorkBytes} bytes inflated`)
  }

  #offsetOf(id: string): number {
    const offset = this.#offsets.get(id)
    if (offset === undefined) throw new GitError('GIT_OBJECT_NOT_FOUND', 'object not found')
    return offset
  }

  #slot(offset: number): Slot {
    const slot = this.#slots.get(offset)
    if (!slot) throw damaged('no object there')
    return slot
  }
}

/** Keeps the most recently used contents up to a number of bytes. */
class ContentCache {
  readonly #maxBytes: number
  readonly #contents = new Map<number, Uint8Array>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(offset: number): Uint8Array | undefined {
    const content = this.#contents.get(offset)
    if (content) {
      this.#contents.delete(offset)
      this.#contents.set(offset, content)
    }
    return content
  }

  put(offset: number, content: Uint8Array): void {
    if (content.length > this.#maxBytes || this.#contents.has(offset)) return
    this.#contents.set(offset, content)
    this.#bytes += content.length
    for (const [oldest, { length }] of this.#contents) {
      if (this.#bytes <= this.#maxBytes) break
      this.#contents.delete(oldest)
      this.#bytes -= length
    }
  }
}

function damaged(reason: string): GitError {
  return new GitError('GIT_DAMAGED', `invalid pack: ${reason}`)
}

function tooLarge(reason: string): GitError {
  return new GitError('GIT_TOO_LARGE', `pack is too large: ${reason}`)
}
