import type { CelValue } from './value.ts'

/** A list. Items that come from outside are converted when they are first asked for. */
export class ListValue {
  readonly kind = 'list'
  #items: readonly CelValue[] | undefined
  readonly #raw: readonly unknown[]
  readonly #convert: ((item: unknown) => CelValue) | undefined

  /** @param convert gives the value of an item of `raw`; without it the items are values already */
  constructor(raw: readonly unknown[], convert?: (item: unknown) => CelValue) {
    this.#raw = raw
    this.#convert = convert
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
