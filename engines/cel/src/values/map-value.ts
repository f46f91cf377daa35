import type { CelType } from '../types/cel-type.ts'
import { type CelValue, Double, Uint } from './value.ts'

/** A map or an object of a declared type. */
export abstract class MapValue {
  readonly kind = 'map'
  /** The declared type of an object; `undefined` for maps. */
  readonly objectType: CelType | undefined
  abstract readonly size: number

  constructor(objectType?: CelType) {
    this.objectType = objectType
  }

  /** The value of a key; numbers of different types are the same key when they are equal. */
  abstract find(key: CelValue): CelValue | undefined
  abstract keys(): readonly CelValue[]

  /** The value of a string key. */
  abstract findField(name: string): CelValue | undefined

  /** Whether another map is equal; `undefined` leaves it to comparing the entries. */
  equals(_other: MapValue): boolean | undefined {
    return undefined
  }
}

/** What identifies a key among those of its type: its value, and for lists, maps and the like themselves. */
type KeyIdentity = string | number | bigint | boolean | object | null

type Entries = Map<KeyIdentity, readonly [CelValue, CelValue]>

/**
 * A map made by an expression. Keys of different types are different entries, but a number finds the entry of an
 * equal number of another type when there is none of its own.
 */
export class LiteralMap extends MapValue {
  readonly #entries: Entries
  readonly #uints: Entries
  readonly #doubles: Entries

  constructor({ entries, uints, doubles }: MapBuilder) {
    super()
    this.#entries = entries
    this.#uints = uints
    this.#doubles = doubles
  }

  get size(): number {
    return this.#entries.size + this.#uints.size + this.#doubles.size
  }

  find(key: CelValue): CelValue | undefined {
    const entry = this.#findEntry(key)
    return entry?.[1]
  }

  findField(name: string): CelValue | undefined {
    return this.#entries.get(name)?.[1]
  }

  keys(): readonly CelValue[] {
    return [...this.#entries.values(), ...this.#uints.values(), ...this.#doubles.values()].map(([key]) => key)
  }

  #findEntry(key: CelValue): readonly [CelValue, CelValue] | undefined {
    if (key instanceof Uint) return this.#uints.get(key.value) ?? this.#entries.get(key.value)
    if (key instanceof Double) {
      const own = this.#doubles.get(key.value)
      if (own || !Number.isInteger(key.value)) return own
      const whole = Number.isSafeInteger(key.value) ? key.value : BigInt(key.value)
      return this.#entries.get(whole) ?? this.#uints.get(whole)
    }
    const own = this.#entries.get(key)
    return own ?? (typeof key === 'number' || typeof key === 'bigint' ? this.#uints.get(key) : undefined)
  }
}

/** Collects the entries of a {@link LiteralMap}; a later entry replaces an earlier one of the same key. */
export class MapBuilder {
  readonly entries: Entries = new Map()
  readonly uints: Entries = new Map()
  readonly doubles: Entries = new Map()

  has(key: CelValue): boolean {
    return new LiteralMap(this).find(key) !== undefined
  }

  set(key: CelValue, value: CelValue): void {
    const { into, identity } = this.#place(key)
    into.set(identity, [key, value])
  }

  delete(key: CelValue): void {
    const { into, identity } = this.#place(key)
    into.delete(identity)
  }

  build(): LiteralMap {
    return new LiteralMap(this)
  }

  #place(key: CelValue): { readonly into: Entries; readonly identity: KeyIdentity } {
    if (key instanceof Uint) return { into: this.uints, identity: key.value }
    if (key instanceof Double) return { into: this.doubles, identity: key.value }
    return { into: this.entries, identity: key }
  }
}

/** An object from outside whose fields are converted when they are asked for. */
export class FieldMap extends MapValue {
  readonly #raw: Readonly<Record<string, unknown>>
  readonly #convert: (value: unknown, name: string) => CelValue | undefined
  #names: readonly string[] | undefined

  /** @param convert gives the value of a field, or `undefined` for a field that does not exist */
  constructor(
    raw: Readonly<Record<string, unknown>>,
    convert: (value: unknown, name: string) => CelValue | undefined,
    objectType?: CelType,
  ) {
    super(objectType)
    this.#raw = raw
    this.#convert = convert
  }

  get size(): number {
    return this.#keyNames().length
  }

  find(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.findField(key) : undefined
  }

  findField(name: string): CelValue | undefined {
    if (!Object.hasOwn(this.#raw, name)) return undefined
    const value = this.#raw[name]
    return value === undefined ? undefined : this.#convert(value, name)
  }

  keys(): readonly string[] {
    return this.#keyNames()
  }

  #keyNames(): readonly string[] {
    this.#names ??= Object.keys(this.#raw).filter((name) => this.#raw[name] !== undefined)
    return this.#names
  }
}
