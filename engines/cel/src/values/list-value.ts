import type { CelError, CelValue } from './value.ts'

/** How a list behaves that stands for a set or for a map, where order means nothing. */
export type ListSemantics = {
  readonly equal: (list: ListValue, other: ListValue) => boolean | CelError
  readonly concatenate: (list: ListValue, other: ListValue) => ListValue | CelError
}

/** A list. Items that come from outside are converted when they are first asked for. */
export class ListValue {
  readonly kind = 'list'
  #items: readonly CelValue[] | undefined
  readonly #raw: readonly unknown[]
  readonly #convert: ((item: unknown) => CelValue) | undefined

  /** Absent for lists of the usual kind. */
  readonly semantics: ListSemantics | undefined

  /** @param convert gives the value of an item of `raw`; without it the items are values already */
  constructor(raw: readonly unknown[], convert?: (item: unknown) => CelValue, semantics?: ListSemantics) {
    this.#raw = raw
    this.#convert = convert
    this.semantics = semantics
    if (!convert) this.#items = raw as readonly CelValue[]
  }

  get size(): number {
    return this.#raw.length
  }

  get items(): readonly CelValue[] {
    this.#items ??= this.#convert ? this.#raw.map(this.#convert) : (this.#raw as readonly CelValue[])
    return this.#items
  }
}
